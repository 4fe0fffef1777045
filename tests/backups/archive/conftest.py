"""Archives for the tests of this folder."""

import pytest

from tests.backups.archive import tars


@pytest.fixture
def archive(tmp_path):
    """A small archive of two volumes and an image."""
    path = tmp_path / "shop.tar.gz"
    volumes = {"data": tars.some_volume("data"), "logs": tars.some_volume("logs")}
    tars.write_archive(path, volumes, tars.image_tar())
    return path
