"""Taking in an archive that somebody brings: whole, and still not to be trusted."""

import errno
from datetime import UTC, datetime

import pytest

from backups import adoption
from backups.adoption import adopt
from backups.archive.errors import DamagedArchive
from backups.models import Backup
from containermonkey.problems import Invalid
from tests.backups.brought import INSPECT, MANIFEST

pytestmark = pytest.mark.django_db


def test_it_is_listed_as_it_was_made(make_archive, data_dir):
    backup = adopt(make_archive())
    assert backup == Backup.objects.get()
    assert (backup.filename, backup.container_name) == ("brought.tar.gz", "web")
    assert backup.created == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert backup.metadata["environment"] == [{"key": "A", "value": "b"}]
    assert (data_dir / "backups" / "brought.tar.gz").stat().st_size == backup.size


def test_a_name_that_is_taken_is_left_alone(make_archive, data_dir):
    taken = data_dir / "backups" / "brought.tar.gz"
    taken.write_text("somebody's own file")
    assert adopt(make_archive()).filename == "web_20260504_030201.tar.gz"
    assert taken.read_text() == "somebody's own file"


@pytest.mark.parametrize(
    "change",
    [
        {"Config": {}},
        {"Config": {"Image": "busybox:test", "Env": 7}},
        {"Config": {"Image": "busybox:test", "Env": [7]}},
        {"Config": {"Image": "busybox:test", "Labels": [1]}},
        {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": 8080}]}}},
        {"HostConfig": {"PortBindings": ["80/tcp"]}},
        {"NetworkSettings": {}},
        {"NetworkSettings": {"Networks": 7}},
        {"State": {}},
        {"State": None},
        {"Created": "yesterday"},
        {"Mounts": [{}]},
        {"Config": {"Image": "busybox:test", "Labels": {"half": "\ud800"}}},
        {"HostConfig": {"PortBindings": {"80/tcp": [None]}}},
        {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": ["1"]}]}}},
        {"HostConfig": {"Links": 7}},
        {"HostConfig": {"PidMode": {}}},
        {"HostConfig": {"VolumesFrom": [[]]}},
        {"HostConfig": {"Memory": 10**30}},
        {"HostConfig": {"Memory": float("nan")}},
        {"NetworkSettings": {"Networks": {"n": {"IPAMConfig": {"IPv4Address": "../.."}}}}},
    ],
)
def test_an_odd_description_is_refused(make_archive, data_dir, change):
    with pytest.raises(DamagedArchive, match=r"description|describe|readable"):
        adopt(make_archive(inspect={**INSPECT, **change}))
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"format_version": 99},
        {"created": "yesterday"},
        {"container": {"id": "c", "name": "../../etc", "state": "exited"}},
        {"container": {"id": "c" * 99, "name": "web", "state": "exited"}},
        {"container": {"id": "c", "name": "<b>", "state": "exited"}},
        {"image": {"reference": "i" * 600, "id": "1", "included": False}},
        {"sources": [{"key": "a", "type": "volume", "name": "b", "destinations": ["/c"]}]},
        {"container": {**MANIFEST["container"], "references": ["c"]}},
        {"host": 1.5},
        {"host": {"name": "a\0b"}},
        {"sources": [{"key": "k", "type": "nonsense", "name": "b", "destinations": ["/c"]}]},
        {"sources": [{"key": "k", "type": "volume", "name": "../b", "destinations": ["/c"]}]},
        {"sources": [{"key": "../k", "type": "volume", "name": "b", "destinations": ["/c"]}]},
        {"sources": [{"key": "k", "type": "volume", "name": "/etc", "destinations": ["/c"]}]},
        {"sources": [{"key": "k", "type": "volume", "name": "", "destinations": ["/c"]}]},
        {"sources": [{"key": "k", "type": "bind", "name": "b", "destinations": ["/c"]}]},
        {"image": {**MANIFEST["image"], "tags": [{}]}},
    ],
)
def test_an_odd_manifest_is_refused(make_archive, data_dir, change):
    with pytest.raises(DamagedArchive):
        adopt(make_archive(manifest={**MANIFEST, **change}))
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


def test_in_the_backup_directory_a_name_has_to_fit(make_archive, data_dir):
    brought = make_archive()
    lying = brought.rename(data_dir / "backups" / "my own backup.tar.gz")
    with pytest.raises(Invalid, match=r"ends with \.tar\.gz and has no spaces"):
        adopt(lying)
    assert lying.exists()


def test_a_disk_that_is_full_keeps_nothing(make_archive, data_dir, monkeypatch):
    class Full(adoption.PartialFile):
        def write(self, data):
            super().write(data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(adoption, "PartialFile", Full)
    with pytest.raises(OSError, match="No space left"):
        adopt(make_archive())
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())


def test_a_file_that_changes_under_the_copy_is_refused(make_archive, data_dir, monkeypatch):
    copied = adoption.copied

    def changed(path, *arguments):
        path.write_bytes(bytes(path.stat().st_size))
        copied(path, *arguments)

    monkeypatch.setattr(adoption, "copied", changed)
    with pytest.raises(DamagedArchive, match="changed while it was copied"):
        adopt(make_archive())
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())
