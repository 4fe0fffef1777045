import base64
import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from volumes.files.directory import InDirectory
from volumes.files.inside import inside
from volumes.local import Directory
from volumes.queries import volume_details

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
DEEP = "deeper"
"""The name of every folder that `make_deep` makes."""


def make_deep(folder: Path, depth: int) -> None:
    """Make a folder in a folder, and a file beside each, so deep that no path leads there."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(DEEP, dir_fd=here)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        below = os.open(DEEP, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def opened_in(folder: Path) -> list[str]:
    """What this process has open in a folder; other threads open and close other things."""
    found = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # closed since it was listed
            found.append(str(Path("/proc/self/fd", descriptor).readlink()))
    return [path for path in found if path.startswith(str(folder))]


@pytest.fixture
def root(docker) -> Path:
    """The folder of the volume `data`, with a folder, two files and an outside to be kept from."""
    root = Path(docker.create_volume("data")["Mountpoint"])
    (root / "folder" / "below").mkdir(parents=True)
    (root / "first").write_text("one\n")
    (root / "folder" / "second").write_text("two\n")
    return root


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder that stands for a volume, beside a file that is outside of it."""
    (tmp_path / "outside").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def opened_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has every volume be in one folder, whatever the Engine says."""

    def open_at(root: Path) -> None:
        place = InDirectory("data", Directory.at(str(root)))
        monkeypatch.setattr("volumes.files.services.place_of", lambda name: place)

    return open_at


def plant_links(root: Path) -> None:
    """Put links into a volume that lead out of it, and two that stay inside."""
    links = {
        "up": "..",
        "absolute": str(root.parent / "outside"),
        "chain": "absolute",
        "chain-of-folders": "folder/again",
        "folder/again": "../up",
        "folder/up-twice": "../../outside",
        "process": "/proc/self/root",
        "loop": "loop",
        "inside": "folder/../first",
        "folder/sideways": "../first",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)


@pytest.fixture
def helped_root(root: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, busybox: str) -> Path:
    """The volume `data`, out of reach of this process, beside an image for helpers."""
    settings.HELPER_IMAGE = busybox
    for room in ("volumes.files.ways", "volumes.files.writing.guard"):
        monkeypatch.setattr(f"{room}.seen", lambda volume: None)
    return root


@pytest.fixture
def one_helper(helped_root: Path, busybox: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, with one helper for all that a test does: starting each takes long."""
    with inside(volume_details("data"), busybox) as volume:
        monkeypatch.setattr("volumes.files.helped.inside", lambda *_: nullcontext(volume))
        yield helped_root
