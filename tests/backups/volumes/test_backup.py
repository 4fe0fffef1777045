"""A volume is backed up by itself: saved whole, listed, looked into and taken in elsewhere."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docker import APIClient

from backups.adoption import adopt
from backups.archive.errors import DamagedArchive
from backups.archive.reader import ArchiveReader
from backups.archive.writer import ArchiveWriter
from backups.contents import content_of
from backups.coverage import coverage_of
from backups.models import Backup, Kind
from backups.options import BackupOptions
from backups.protection.queries import protection
from backups.put_back import request_put_back
from backups.rehearsal import plan_rehearsal
from backups.verification import request_verify
from backups.volumes.capture import request_volume_backup
from backups.volumes.records import backups_of_volume, last_backups_of_volumes
from containermonkey.problems import Conflict
from engine.identity import SELF_LABEL
from jobs.models import Job, Status
from jobs.services import run_again
from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.killing import kill_after_every_act
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.steps import backed_up, finished
from tests.backups.traveling import take_the_way, ways_of
from tests.backups.volumes.conftest import Save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


def manifest_of(backup: Backup, data_dir: Path) -> dict[str, Any]:
    with ArchiveReader(data_dir / "backups" / backup.filename) as archive:
        return archive.manifest


@pytest.mark.parametrize("way", ["directory", "helper", "engine"])
def test_it_is_saved_whole_and_listed(
    way: str,
    docker: APIClient,
    data: Path,
    save: Save,
    data_dir: Path,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    backup = save()
    assert (backup.kind, backup.container_name, backup.verified) == (Kind.VOLUME, "data", True)
    assert backup.filename.startswith("volume-data_")
    assert (backup.image, backup.container_id, backup.usual_size) == ("", "", None)
    kept = backup.metadata["volumes"][0]
    assert (kept["name"], kept["type"], kept["size"], kept["files"]) == ("data", "volume", 11, 2)
    assert ways_of(backup) == {way}
    manifest = manifest_of(backup, data_dir)
    assert manifest["volume"] == {"name": "data", "containers": []}
    assert manifest["sources"][0]["volume"]["Labels"] == {"tier": "gold"}
    archive = data_dir / "backups" / backup.filename
    subprocess.run(["tar", "xzf", archive, "-C", tmp_path], check=True)
    assert (tmp_path / "volumes" / kept["key"] / "folder" / "below").read_text() == "deep"
    told = (tmp_path / "backup" / "README.txt").read_text()
    assert "docker volume create --driver local --label tier=gold data" in told
    assert backup.filename in told


@pytest.mark.parametrize("consistency", ["none", "pause", "stop"])
def test_those_that_use_it_are_held_still_and_go_on(
    docker: APIClient,
    make_container: ContainerMaker,
    save: Save,
    data_dir: Path,
    consistency: str,
) -> None:
    web = make_container("web", host={"binds": ["data:/data"]})
    before = docker.inspect_container(web)["State"]["StartedAt"]
    manifest = manifest_of(save(consistency=consistency), data_dir)
    state = docker.inspect_container(web)["State"]
    assert state["Status"] == "running"
    assert (state["StartedAt"] != before) == (consistency == "stop")
    assert manifest["held_still"] == ([] if consistency == "none" else ["web"])
    assert manifest["volume"]["containers"] == ["web"]


@pytest.mark.django_db(transaction=True)
def test_after_any_act_there_is_a_whole_backup_or_none(
    docker: APIClient,
    data: Path,
    make_container: ContainerMaker,
    data_dir: Path,
    tmp_path: Path,
) -> None:
    web = make_container("web", host={"binds": ["data:/data"]})

    def request() -> Job:
        return request_volume_backup("data", BackupOptions(consistency="stop"))

    def check(job: Job, act: str) -> None:
        listed = list(Backup.objects.all())
        assert (job.status == Status.COMPLETE, job.undo) == (bool(listed), []), act
        files = sorted(path.name for path in (data_dir / "backups").iterdir())
        assert files == [backup.filename for backup in listed], act
        assert docker.inspect_container(web)["State"]["Status"] == "running", act
        for backup in listed:
            (data_dir / "backups" / backup.filename).unlink()
            backup.delete()

    acts = kill_after_every_act(request, check, tmp_path)
    assert any(act.endswith("/stop") for act in acts)


def test_it_is_checked_again_and_damage_is_found(data: Path, save: Save, data_dir: Path) -> None:
    backup = save()
    assert finished(request_verify(backup.filename)).status == Status.COMPLETE
    path = data_dir / "backups" / backup.filename
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert finished(request_verify(backup.filename)).status == Status.FAILED
    backup.refresh_from_db()
    assert not backup.verified


def test_its_page_shows_it_and_its_files(client: Client, data: Path, save: Save) -> None:
    backup = save()
    here = f"/backups/{backup.filename}/"
    page = client.get(here)
    words = text_of(page)
    assert "Volume data" in words
    assert "Rehearse it" not in words
    assert "Check it again" in words
    key = backup.metadata["volumes"][0]["key"]
    page = client.get(here, {"path": f"/{key}/folder"})
    assert "below" in text_of(page)
    part = client.get(here, {"path": f"/{key}"}, headers={"HX-Request": "true"})
    assert "file" in text_of(part)
    assert b"<html" not in part.content
    taken = content_of(backup.filename, f"/{key}/folder/below")
    assert (taken.name, b"".join(taken.pieces())) == ("below", b"deep")
    assert client.get(here, {"path": "/nowhere"}).status_code == 404


def test_the_list_tells_it_from_others(client: Client, data: Path, save: Save) -> None:
    backup = save()
    page = client.get("/backups/?kind=volume")
    assert tags_of(page, "a", href=f"/backups/{backup.filename}/")
    assert "Volume" in text_of(page)
    assert backup.filename not in text_of(client.get("/backups/?kind=container"))
    told = client.get("/api/backups", {"kind": "volume"}).json()
    assert [(each["kind"], each["container_name"]) for each in told["backups"]] == [
        ("volume", "data")
    ]
    page = client.get(f"/backups/{backup.filename}/delete/")
    assert "The volume is not touched." in text_of(page)


def test_the_preview_lists_its_files_and_what_is_in_the_way(
    client: Client, docker: APIClient, data: Path, save: Save
) -> None:
    backup = save()
    key = backup.metadata["volumes"][0]["key"]
    told = client.get(f"/api/backup/{backup.filename}/preview", {"path": f"/{key}"}).json()
    assert told["container"] is None
    assert sorted(file["path"] for file in told["files"]) == [
        f"/{key}/{name}" for name in ("file", "folder", "link")
    ]
    assert [conflict["answer"] for conflict in told["conflicts"]] == ["on_conflict"]
    docker.remove_volume("data")
    told = client.get(f"/api/backup/{backup.filename}/preview").json()
    assert told["conflicts"] == []


def test_one_file_of_it_is_put_back(client: Client, data: Path, save: Save) -> None:
    backup = save()
    key = backup.metadata["volumes"][0]["key"]
    (data / "folder" / "below").write_text("changed")
    job = finished(request_put_back(backup.filename, f"/{key}/folder/below"))
    assert job.status == Status.COMPLETE, job.error
    assert (data / "folder" / "below").read_text() == "deep"
    page = client.get(job.get_absolute_url())
    assert "Look at the volume" in text_of(page)
    assert "/volumes/data/" in links_of(page)


def test_it_protects_the_mounts_of_its_volume(
    docker: APIClient, make_container: ContainerMaker, save: Save
) -> None:
    web = make_container("web", host={"binds": ["data:/data", "other:/other"]}, start=False)
    backup = save()
    items = {item.destination: item for item in protection() if item.container == "web"}
    assert (items["/data"].state, items["/data"].filename) == ("protected", backup.filename)
    assert (items["/other"].state, items[""].state) == ("never", "never")
    found = coverage_of(docker.inspect_container(web))
    assert (found["/data"].filename, found["/other"].filename) == (backup.filename, "")
    assert list(last_backups_of_volumes()) == ["data"]
    assert [(each.filename, each.container) for each in backups_of_volume("data")] == [
        (backup.filename, "")
    ]
    whole = backed_up("web")
    found = coverage_of(docker.inspect_container(web))
    assert (found["/data"].filename, found["/other"].filename) == (whole.filename, whole.filename)


def test_nothing_that_is_for_containers_takes_it_for_one(data: Path, save: Save) -> None:
    backup = save()
    with pytest.raises(Conflict):
        plan_rehearsal(backup.filename)


def test_it_is_taken_in_elsewhere(
    client: Client, data: Path, save: Save, data_dir: Path, tmp_path: Path
) -> None:
    backup = save()
    brought = tmp_path / "brought.tar.gz"
    shutil.move(data_dir / "backups" / backup.filename, brought)
    metadata, created = backup.metadata, backup.created
    backup.delete()
    file = SimpleUploadedFile("brought.tar.gz", brought.read_bytes())
    answer = client.post("/api/upload-backup", {"file": file})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["kind"], told["container_name"]) == ("volume", "data")
    found = Backup.objects.get()
    assert (found.metadata, found.created) == (metadata, created)
    found.delete()
    for path in (data_dir / "backups").iterdir():
        path.unlink()
    placed = data_dir / "backups" / "by-hand.tar.gz"
    shutil.copy(brought, placed)
    assert adopt(placed).kind == Kind.VOLUME
    Backup.objects.all().delete()
    placed.unlink()
    shutil.copy(brought, tmp_path / "with spaces.tar.gz")
    assert adopt(tmp_path / "with spaces.tar.gz").filename.startswith("volume-data_")


CHANGES: list[dict[str, Any]] = [
    {"volume": {"name": "other"}},
    {"volume": {"name": "../x"}},
    {"volume": None},
    {"sources": []},
    {"sources": [{"key": "a", "type": "bind", "name": "/etc", "destinations": ["/"]}]},
    {"sources": [{"key": "absent", "type": "volume", "name": "data", "destinations": ["/"]}]},
    {"created": "yesterday"},
    {"format_version": 99},
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_describes_no_volume_is_refused(
    data: Path, save: Save, data_dir: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    manifest = manifest_of(save(), data_dir) | change
    path = tmp_path / "odd.tar.gz"
    with ArchiveWriter(path) as archive:
        archive.add_file("backup/manifest.json", json.dumps(manifest).encode(), mtime=0)
        archive.finish()
    with pytest.raises(DamagedArchive):
        adopt(path)
    assert Backup.objects.count() == 1


def test_a_person_asks_for_it_on_its_page(
    client: Client, data: Path, make_container: ContainerMaker
) -> None:
    assert tags_of(client.get("/volumes/data/"), "a", href="/volumes/data/backup/")
    assert not tags_of(client.get("/volumes/data/backup/"), "input", name="consistency")
    make_container("web", host={"binds": ["data:/data"]})
    assert "Running containers mount it: web" in text_of(client.get("/volumes/data/backup/"))
    answer = client.post("/volumes/data/backup/", {"consistency": "pause"}, follow=True)
    assert "The backup of data is in the queue." in text_of(answer)
    job = Job.objects.get()
    finished(job)
    page = client.get(f"/jobs/{job.progress_id}/")
    assert "The backup is complete and was read back" in text_of(page)
    page = text_of(client.get("/volumes/data/"))
    assert "By itself Saved" in page
    assert "backup" in text_of(client.get("/volumes/"))
    assert finished(run_again(job.progress_id)).status == Status.COMPLETE


def test_it_is_asked_for_by_the_api(client: Client, data: Path) -> None:
    answer = client.post("/api/volume/data/backup", {"consistency": "none"}, JSON)
    assert answer.status_code == 202
    told = client.get(f"/api/backup-progress/{answer.json()['progress_id']}").json()
    assert (told["kind"], told["container_name"]) == ("backup", "data")
    finished(Job.objects.get())
    assert Backup.objects.get().kind == Kind.VOLUME
    assert client.post("/api/volume/data/backup", {"consistency": "x"}, JSON).status_code == 400
    assert client.post("/volumes/data/backup/", {"consistency": "x"}).status_code == 422
    assert client.post("/api/volume/nowhere/backup", {}, JSON).status_code == 404


def test_what_may_not_be_read_is_said_before(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("once", host={"binds": ["data:/data"], "auto_remove": True})
    page = client.post("/volumes/data/backup/", {"consistency": "stop"})
    assert (page.status_code, "removes itself" in text_of(page)) == (422, True)
    make_container("monkey", host={"binds": ["own:/backups"]}, labels={SELF_LABEL: "1"})
    assert client.post("/api/volume/own/backup", {}, JSON).status_code == 403
    options = {"type": "none", "o": "bind", "device": "/etc"}
    docker.create_volume("etc", driver_opts=options)
    answer = client.post("/api/volume/etc/backup", {}, JSON)
    assert (answer.status_code, "is not read" in answer.json()["error"]) == (409, True)
    assert client.get("/volumes/etc/backup/").status_code == 409
    assert not Job.objects.exists()


def test_who_has_not_signed_in_saves_nothing(stranger_client: Client, data: Path) -> None:
    assert stranger_client.post("/api/volume/data/backup", {}, JSON).status_code == 401
    assert stranger_client.post("/volumes/data/backup/").status_code in (302, 403)
    assert not Job.objects.exists()
