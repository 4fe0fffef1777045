"""The archive: one plain ``.tar.gz`` that can be previewed, read in pieces and checked.

The format is described in ARCHITECTURE.md. Nothing here knows Django or Docker.
"""
