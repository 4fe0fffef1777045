"""What can be done with the files of a volume, whichever way they are reached.

Paths and names are as the system takes them (`volumes.files.paths.inner` makes them), and lead
from the volume's own folder, whose path is empty.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from containermonkey.downloads import Content
from containermonkey.problems import Problem
from volumes.files.types import Beginning, Entry, Folder

Spot = tuple[str, str]
"""The path of a folder, and a name in it."""


class Place(Protocol):
    """The files of a volume, to be looked at.

    Each raises Invalid if a path leads out of the volume or to what it is not for, NotFound if
    there is nothing.
    """

    def explore(self, path: str, page: int) -> Folder:
        """A page, from 1, of what lies in a folder, in the order of the names."""

    def beginning_of(self, path: str) -> Beginning:
        """The first MiB of a file."""

    def content_of(self, path: str) -> Content:
        """A file as itself, or a folder as a `.tar.gz`."""


class Changes(Protocol):
    """The files of a volume, to be changed. Raises as `Place` does, and Conflict or NoSpace."""

    def holds_working_folder(self) -> bool:
        """Whether a job keeps old content in the volume, which it may yet put back."""

    def check_folder(self, path: str) -> None:
        """Raise what putting something into a folder would."""

    def make_folder(self, path: str, name: str) -> Entry:
        """Make a folder in another, whose owner it gets, and whose set-group bit."""

    def move(self, source: Spot, target: Spot, *, overwrite: bool) -> Entry:
        """Give something another name or folder, in place of a file only if so said."""

    def upload(
        self,
        spot: Spot,
        pieces: Iterable[bytes],
        *,
        overwrite: bool,
        announced: int,
        last_look: Callable[[], None],
    ) -> Entry:
        """Write a file as it arrives; nothing is seen of it before it is whole.

        `last_look` is called when all has arrived, and may refuse it.
        """

    def delete(self, spots: list[Spot]) -> Iterator[Problem | None]:
        """Delete some, with all that is in them, one after the other; the problem of each."""

    def count(self, spots: list[Spot], most: int) -> list[int | None]:
        """How much is in each folder and below, at most so much in all; None for other things."""
