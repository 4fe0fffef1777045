"""backups.networks.capture"""

import errno
import json
import shlex
import subprocess
import tarfile

import pytest

from accounts.models import AuditEntry
from backups.archive.verify import verify
from backups.errors import CannotBackUp
from backups.files import archive_path
from backups.models import Backup, Kind
from backups.networks import capture
from backups.networks.capture import back_up_network
from backups.services import find_backup
from containermonkey.problems import NoSpace, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


def document(backup: Backup, name: str) -> bytes:
    with tarfile.open(archive_path(backup.filename)) as archive:
        return archive.extractfile(f"backup/{name}").read()


def test_it_is_listed_and_holds_the_network_whole(shop, docker, make_container, data_dir):
    make_container("web", networking={"shop": docker.create_endpoint_config()}, start=False)
    backup = back_up_network("shop")
    assert find_backup(backup.filename) == backup
    assert (backup.kind, backup.container_name, backup.container_id) == (
        Kind.NETWORK,
        "shop",
        shop["Id"],
    )
    assert backup.filename.startswith("network-shop_")
    assert json.loads(document(backup, "networks.json")) == [shop]
    assert json.loads(document(backup, "manifest.json"))["network"]["containers"] == ["web"]
    report = verify(archive_path(backup.filename))
    assert (report.sha256, report.size) == (backup.sha256, backup.size)
    line = AuditEntry.objects.get(action="network.backup")
    assert (line.target, line.details["filename"]) == ("shop", backup.filename)


def test_its_readme_has_the_command_that_makes_it_again(backup, shop, docker):
    lines = document(backup, "README.txt").decode().splitlines()
    command = shlex.split(next(line for line in lines if "docker network create" in line))
    assert command == [
        *("docker", "network", "create", "--attachable", "--driver=bridge"),
        *("--opt=com.docker.network.driver.mtu=1400", "--label=tier=front"),
        *("--subnet=10.77.0.0/16", "--gateway=10.77.0.9", "--ip-range=10.77.5.0/24"),
        *("--aux-address=router=10.77.5.1", "--", "shop"),
    ]


def test_plain_tar_reads_it(backup):
    path = archive_path(backup.filename)
    listed = subprocess.run(["tar", "-tzf", path], capture_output=True, text=True, check=True)
    assert listed.stdout.split() == [
        "backup/manifest.json",
        "backup/networks.json",
        "backup/README.txt",
        "backup/index.json",
    ]


def test_a_name_that_no_file_can_have_is_put_otherwise(docker, data_dir):
    network = docker.create_network("../up & <b>away</b>")["Id"]
    backup = back_up_network(network)
    assert backup.container_name == "../up & <b>away</b>"
    assert archive_path(backup.filename).parent == data_dir / "backups"
    assert backup.filename.startswith("network-..-up-b-away-b-_")


@pytest.mark.parametrize("name", ["bridge", "host", "none"])
def test_what_every_host_has_is_not_backed_up(name):
    with pytest.raises(CannotBackUp, match="Docker’s own"):
        back_up_network(name)
    assert not Backup.objects.exists()


def test_what_is_not_there_is_not_backed_up():
    with pytest.raises(NotFound):
        back_up_network("nothing")


def test_an_archive_that_is_not_sound_is_neither_listed_nor_kept(shop, data_dir, monkeypatch):
    class Damaged(Exception):
        pass

    def damaged(path, **_):
        raise Damaged

    monkeypatch.setattr(capture, "verify", damaged)
    with pytest.raises(Damaged):
        back_up_network("shop")
    assert not Backup.objects.exists()
    assert list((data_dir / "backups").iterdir()) == []


def test_a_full_disk_is_said_so_and_keeps_nothing(shop, data_dir, monkeypatch):
    class Full(capture.ArchiveWriter):
        def finish(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(capture, "ArchiveWriter", Full)
    with pytest.raises(NoSpace, match="not enough space"):
        back_up_network("shop")
    assert not Backup.objects.exists()
    assert list((data_dir / "backups").iterdir()) == []


def test_a_directory_that_is_gone_is_said_so(shop, data_dir):
    (data_dir / "backups").rmdir()
    with pytest.raises(CannotBackUp, match="Is the disk mounted"):
        back_up_network("shop")
