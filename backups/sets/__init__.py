"""Backups of whole stacks: one archive for each member, made at one moment, restored together.

A set is not a file of its own: each of its archives is an ordinary backup that can be restored
alone, and tells which set it belongs to.
"""
