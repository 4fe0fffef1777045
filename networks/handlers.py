"""What the queue is told about at start: the undo actions of this app."""

from networks import making

__all__ = ["making"]
