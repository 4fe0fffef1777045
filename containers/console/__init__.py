"""Consoles: programs run inside of a container, at a terminal or one at a time."""
