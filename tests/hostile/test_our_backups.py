"""Restores, and backups of others: none reaches what is Container Monkey's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backups.adoption import adopt
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.models import Backup
from backups.networks.capture import back_up_network
from backups.options import BackupOptions, RestoreOptions
from backups.services import plan_restore
from backups.volumes.capture import request_volume_backup
from engine.identity import JOB_LABEL, SELF_LABEL
from jobs.models import Job, Status
from tests.backups.brought import INSPECT, of_container, write_archive
from tests.backups.steps import backed_up, finished
from tests.hostile.ourselves import NAME, NETWORK, SECRET, VOLUME, Ourselves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"

HOSTS: dict[str, dict[str, Any]] = {
    "our volume": {"Binds": [f"{VOLUME}:/x"]},
    "our volume, the other way": {"Mounts": [{"Type": "volume", "Source": VOLUME, "Target": "/x"}]},
    "our folder": {"Binds": ["{folder}:/x:ro"]},
    "a part of our folder": {
        "Mounts": [{"Type": "bind", "Source": "{folder}/secret.key", "Target": "/x"}]
    },
    "our folder as a volume": {
        "Mounts": [
            {
                "Type": "volume",
                "Source": "new",
                "Target": "/x",
                "VolumeOptions": {
                    "DriverConfig": {
                        "Name": "local",
                        "Options": {"type": "none", "o": "bind", "device": "{folder}"},
                    }
                },
            }
        ]
    },
    "our volumes": {"VolumesFrom": [NAME]},
    "our processes": {"PidMode": f"container:{NAME}"},
    "our memory": {"IpcMode": "container:{id}"},
    "our network": {"NetworkMode": "container:{id}"},
}


@pytest.fixture
def bring(tmp_path: Path, untouched: Ourselves, busybox: str) -> Callable[..., Backup]:
    """Brings an archive of the container `web`, whose description says what it is told to."""

    def brought(host: dict[str, Any], config: dict[str, Any], skipped: list[Any]) -> Backup:
        text = json.dumps(host).replace("{folder}", str(untouched.folder))
        host = json.loads(text.replace("{id}", untouched.container))
        inspect = {
            **INSPECT,
            "HostConfig": host,
            "Config": {**INSPECT["Config"], **config},
            "Image": untouched.docker.inspect_image("busybox:test")["Id"],
        }
        manifest = of_container("web")
        image = {"reference": "busybox:test", "id": inspect["Image"], "included": False}
        manifest |= {"image": image, "skipped": skipped}
        return adopt(write_archive(tmp_path / f"{uuid4()}.tar.gz", manifest, inspect))

    return brought


def test_a_restored_container_gets_nothing_of_ours(bring):
    for host in HOSTS.values():
        backup = bring(host, {}, [])
        for overwrite in (None, True, False):
            options = RestoreOptions(on_conflict="rename", overwrite_volumes=overwrite)
            conflicts = plan_restore(backup.filename, options).conflicts
            assert conflicts and not any(each.answer for each in conflicts), (host, conflicts)


@pytest.mark.parametrize("label", [SELF_LABEL, JOB_LABEL])
def test_a_restored_container_cannot_pass_itself_off_as_ours(bring, label):
    backup = bring({}, {"Labels": {label: "1"}}, [])
    (conflict,) = plan_restore(backup.filename, RestoreOptions()).conflicts
    assert (conflict.kind, conflict.name) == ("container", label)


def test_a_volume_that_comes_back_is_no_view_of_our_data(bring, untouched):
    layers = f"lowerdir={untouched.folder}:/usr"
    for options in (
        {"type": "overlay", "device": "overlay", "o": layers},
        {"type": "none", "o": "bind", "device": str(untouched.folder)},
    ):
        volume = {"Name": "view", "Driver": "local", "Options": options}
        skipped = [
            {"type": "volume", "name": "view", "destination": "/x", "reason": "", "volume": volume}
        ]
        backup = bring({"Binds": ["view:/x"]}, {}, skipped)
        conflicts = plan_restore(backup.filename, RestoreOptions()).conflicts
        assert [conflict.kind for conflict in conflicts] == ["folder"]


@pytest.mark.parametrize("choice", ["fail", "replace"])
def test_no_container_is_restored_in_our_place(admin_client, bring, choice):
    backup = bring({}, {}, [])
    body = {"filename": backup.filename, "new_name": NAME, "on_conflict": choice}
    answer = admin_client.post("/api/restore-backup", body, JSON)
    assert answer.status_code == 409, answer.content


@pytest.mark.parametrize("choice", ["fail", "replace"])
def test_no_volume_is_restored_over_ours(admin_client, untouched, choice):
    untouched.docker.create_volume("app-data")
    backup = done(request_volume_backup("app-data", BackupOptions()))
    body = {"filename": backup.filename, "new_name": VOLUME, "on_conflict": choice}
    answer = admin_client.post("/api/restore-backup", body, JSON)
    assert answer.status_code in {403, 409}, answer.content


@pytest.mark.parametrize("choice", ["fail", "replace"])
def test_no_network_is_restored_over_ours(admin_client, untouched, choice):
    untouched.docker.create_network("front")
    backup = back_up_network("front")
    body = {"filename": backup.filename, "new_name": NETWORK, "on_conflict": choice}
    answer = admin_client.post("/api/network/restore", body, JSON)
    assert answer.status_code in {403, 409}, answer.content


def done(job: Job) -> Backup:
    """The backup that a job made; the job is forgotten."""
    assert finished(job).status == Status.COMPLETE, job.error
    Job.objects.all().delete()
    return Backup.objects.get(filename=job.result["filename"])


def test_a_container_that_shares_our_volume_takes_no_copy_of_it(ours, make_container, docker):
    make_container("curious", start=False, host={"binds": [f"{VOLUME}:/x"]})
    backup = backed_up("curious")
    manifest = backup_manifest(backup)
    assert manifest["sources"] == []
    assert [each["name"] for each in manifest["skipped"]] == [VOLUME]


def backup_manifest(backup: Backup) -> dict[str, Any]:
    path = archive_path(backup.filename)
    assert SECRET not in path.read_bytes()
    with ArchiveReader(path) as archive:
        return archive.manifest
