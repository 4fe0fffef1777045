"""Commands that a container asks for, by its labels, before and after its data is read.

Whoever may set a container's labels decides what is run in it, as whoever starts it does; nothing
of them ever runs on the host, and no shell sees them.
"""

from backups.hooks.labels import Hooks, hooks_of
from backups.hooks.running import hooked

__all__ = ["Hooks", "hooked", "hooks_of"]
