"""New folders in a volume."""

from accounts.audit import audited
from volumes.files.paths import inner
from volumes.files.types import Entry
from volumes.files.writing.guard import changes_in
from volumes.files.writing.names import checked_name


def make_folder(volume: str, path: str, name: str) -> Entry:
    """Make a folder in the one at `path`, whose owner it gets, and whose set-group bit.

    Raise Conflict if the name is taken, Invalid if it can be none.
    """
    with audited("volume.make_folder", volume, path=path, name=name):
        plain, within = checked_name(name), inner(path)
        with changes_in(volume) as changes:
            return changes.make_folder(within, plain)
