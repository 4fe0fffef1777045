"""What the queue is told about at start: the undo actions of this app."""

from volumes import aside, making, replacing

__all__ = ["aside", "making", "replacing"]
