"""What the queue is told about at start: the acts on containers that an undo may call."""

from containers import acts

__all__ = ["acts"]
