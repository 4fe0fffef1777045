"""The archive of a network that somebody brings: whole, and still not to be trusted."""

import json
from typing import Any

import pytest

from backups.archive.errors import ArchiveProblem
from backups.archive.writer import ArchiveWriter
from backups.models import Backup
from backups.networks.uploads import upload_network_backup

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

MANIFEST = {
    "format": "container-monkey-backup",
    "format_version": 1,
    "kind": "network",
    "created": "2026-05-04T03:02:01Z",
    "network": {"id": "n" * 64, "name": "shop", "driver": "bridge", "containers": []},
}
NETWORK = {
    "Name": "shop",
    "Driver": "bridge",
    "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.0.0.0/24"}]},
}


@pytest.fixture
def archive_of(tmp_path):
    """The bytes of an archive whose every checksum is right, whatever it says."""

    def make(manifest: Any = MANIFEST, networks: Any = (NETWORK,)) -> bytes:
        with ArchiveWriter(tmp_path / "a.tar.gz") as archive:
            archive.add_file("backup/manifest.json", json.dumps(manifest).encode(), mtime=0)
            archive.add_file("backup/networks.json", json.dumps(networks).encode(), mtime=0)
            return archive.finish().path.read_bytes()

    return make


def test_an_honest_one_is_taken_in(archive_of):
    backup = upload_network_backup("mine.tar.gz", [archive_of()])
    assert (backup.container_name, backup.filename) == ("shop", "mine.tar.gz")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"format_version": 99},
        {"created": "yesterday"},
        {"network": None},
        {"network": {"id": "n" * 65, "name": "shop"}},
        {"network": {"id": "n", "name": ""}},
        {"network": {"id": "n", "name": "s" * 300}},
        {"network": {"id": "n", "name": "shop\0"}},
        {"network": {"id": "n", "name": "another"}},
        {"network": {"id": "n", "name": "shop", "containers": "web"}},
    ],
)
def test_an_odd_manifest_is_refused(archive_of, data_dir, change):
    with pytest.raises(ArchiveProblem):
        upload_network_backup("mine.tar.gz", [archive_of(MANIFEST | change)])
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


@pytest.mark.parametrize(
    "networks",
    [
        {},
        [],
        [NETWORK, NETWORK],
        [7],
        [{}],
        [NETWORK | {"Name": "other"}],
        [NETWORK | {"IPAM": {"Config": [{"Subnet": "../.."}]}}],
        [NETWORK | {"IPAM": {"Config": {}}}],
        [NETWORK | {"IPAM": {"Config": [{"Gateway": 7}]}}],
        [NETWORK | {"Options": ["x"]}],
        [NETWORK | {"Labels": {"a": 1}}],
        [NETWORK | {"ConfigFrom": 7}],
    ],
)
def test_an_odd_description_is_refused(archive_of, data_dir, networks):
    with pytest.raises(ArchiveProblem):
        upload_network_backup("mine.tar.gz", [archive_of(networks=networks)])
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


def test_a_name_that_climbs_is_not_a_files(archive_of, data_dir):
    name = "../../../evil"
    manifest = MANIFEST | {"network": MANIFEST["network"] | {"name": name}}
    backup = upload_network_backup("x", [archive_of(manifest, [NETWORK | {"Name": name}])])
    assert backup.container_name == name
    assert [path.name for path in (data_dir / "backups").iterdir()] == [backup.filename]


def test_what_does_not_end_is_refused(data_dir):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield bytes(1 << 16)

    with pytest.raises(Exception, match="never larger than 1 MiB"):
        upload_network_backup("x", endless())
    assert len(taken) == 17
