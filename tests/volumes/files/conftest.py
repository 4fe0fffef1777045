import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from volumes.local import Directory

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


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
        directory = Directory.at(str(root))
        monkeypatch.setattr("volumes.files.services.directory_of", lambda name: directory)

    return open_at
