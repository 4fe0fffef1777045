from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import pytest

from engine import engine
from engine.identity import FILES_LABEL
from engine.waiting import waiting_helper
from volumes.files.inside import CHANGING, Inside
from volumes.files.places import Changes
from volumes.files.writing.directory import DirectoryChanges
from volumes.files.writing.helped import HelperChanges, mounts_in
from volumes.files.writing.uploads import target_of, upload
from volumes.local import Directory


@contextmanager
def helper_changes(root: Path, image: str, *mounts: dict) -> Iterator[HelperChanges]:
    """A folder in a helper that has what is around it, too, and these mounts in it."""
    around = {"Type": "bind", "Source": str(root.parent), "Target": str(root.parent)}
    with (
        engine() as docker,
        waiting_helper(docker, image, [around, *mounts], FILES_LABEL, CHANGING) as container,
    ):
        inside = Inside(docker, container, str(root))
        yield HelperChanges(inside, mounts_in(inside))


both_ways = pytest.mark.parametrize("changed_at", ["directory", "helper"], indirect=True)
"""For tests of what is the same whether this process or a helper container acts."""


@pytest.fixture
def changed_at(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings
) -> Iterator[Callable[[Path], None]]:
    """Has every volume be in one folder, whatever Engine and jobs say, and nothing written down.

    A helper has what is around that folder, too, so that leading out would lead somewhere.
    """
    helpers = ExitStack()
    by_helper = getattr(request, "param", "directory") == "helper"
    image = request.getfixturevalue("busybox") if by_helper else ""

    def changes_of(root: Path) -> Changes:
        if not by_helper:
            return DirectoryChanges(Directory.at(str(root)))
        return helpers.enter_context(helper_changes(root, image))

    def change_at(root: Path) -> None:
        changes = changes_of(root)
        for room in ("uploads", "making", "moving", "deleting"):
            monkeypatch.setattr(
                f"volumes.files.writing.{room}.changes_in", lambda name: nullcontext(changes)
            )
        monkeypatch.setattr("volumes.files.writing.uploads.refuse_in_work", lambda name: None)
        monkeypatch.setattr("accounts.audit.record", lambda *arguments, **details: None)

    with helpers:
        yield change_at


def put(path: str, name: str, pieces: Iterable[bytes] = (b"new",), *, overwrite: bool = False):
    """Upload one file into a folder of the volume."""
    with target_of("data", path, overwrite=overwrite) as target:
        return upload(target, name, pieces)
