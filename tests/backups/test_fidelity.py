"""Everything about every kind of file is the same after a backup and a restore."""

import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.models import Backup
from tests.arrange import ContainerMaker
from tests.backups.oddities import everything_about, make_oddities
from tests.backups.steps import backed_up, restored, volume_path
from tests.images import build_with_tar

Facts = dict[bytes, dict[str, Any]]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def odd(docker: APIClient, make_container: ContainerMaker) -> bytes:
    """The directory of the volume `odd`, which the stopped container `app` mounts."""
    docker.create_volume("odd")
    make_container("app", host={"binds": ["odd:/data"]}, start=False)
    root = bytes(volume_path(docker, "odd"))
    make_oddities(root)
    return root


@pytest.fixture(params=["directory", "helper"])
def way(
    request: pytest.FixtureRequest, docker: APIClient, settings: Any, monkeypatch: Any
) -> str:
    """Has volumes travel in this way."""
    if request.param == "helper":
        settings.HELPER_IMAGE = "with-tar:1"
        build_with_tar(docker, settings.HELPER_IMAGE)
        monkeypatch.setattr("backups.ways.works_here", lambda: False)
    return request.param


def ways_of(backup: Backup) -> set[str]:
    with ArchiveReader(archive_path(backup.filename)) as archive:
        return {source["transport"] for source in archive.manifest["sources"]}


def differing(before: Facts, after: Facts) -> Facts:
    """What is not the same, by name and by fact, as it was and as it is."""
    return {
        name: {
            fact: (before.get(name, {}).get(fact), after.get(name, {}).get(fact))
            for fact in before.get(name, after.get(name, {}))
            if before.get(name, {}).get(fact) != after.get(name, {}).get(fact)
        }
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


def test_everything_comes_back_as_it_was(odd: bytes, way: str, docker: APIClient) -> None:
    before = everything_about(odd)
    backup = backed_up("app")
    docker.remove_container("app")
    docker.remove_volume("odd")
    assert not Path(os.fsdecode(odd)).exists()

    job = restored(backup)

    after = everything_about(odd)
    assert ways_of(backup) == {way}
    assert differing(before, after) == {}
    assert job.result["report"] == []
