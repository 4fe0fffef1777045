"""A volume is cloned whole, or there is no new one."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from backups.archive.likeness import Likeness
from backups.volumes import cloning
from backups.volumes.cloning import Clone, CloneOptions, request_clone
from containermonkey.problems import Conflict
from engine.identity import SELF_LABEL
from jobs.models import Job, Status
from jobs.services import cancel, run_again
from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.killing import kill_after_every_act
from tests.backups.oddities import everything_about, make_oddities
from tests.backups.pages import tags_of, text_of
from tests.backups.steps import failed, finished, volume_path
from tests.backups.traveling import take_the_way

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


@pytest.fixture
def data(docker: APIClient) -> Path:
    """A volume with a bit of everything; where it lies."""
    labels = {"tier": "gold", "com.docker.compose.project": "shop"}
    docker.create_volume("data", labels=labels)
    root = volume_path(docker, "data")
    (root / "empty").mkdir()
    (root / "file").write_text("content")
    os.chown(root / "file", 1000, 1001)
    (root / "file").chmod(0o640)
    os.utime(root / "file", (1_600_000_000, 1_600_000_000))
    os.link(root / "file", root / "again")
    (root / "link").symlink_to("/nowhere")
    (root / b"odd-\xff".decode("utf-8", "surrogateescape")).write_bytes(os.urandom(300_000))
    os.chown(root, 7, 8)
    root.chmod(0o750)
    return root


def names(docker: APIClient) -> set[str]:
    return {volume["Name"] for volume in docker.volumes()["Volumes"] or []}


def cloned(**options: Any) -> Job:
    job = finished(request_clone("data", CloneOptions("copy", **options)))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return job


@pytest.mark.parametrize("way", ["directory", "helper", "engine"])
def test_everything_is_there_as_it_was(
    way: str,
    docker: APIClient,
    data: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    data_dir: Path,
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    cloned()
    copy = volume_path(docker, "copy")
    assert sorted(os.listdir(copy)) == sorted(os.listdir(data))
    found, first = (copy / "file").stat(), copy.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (1000, 1001, 0o640)
    assert (found.st_mtime, found.st_nlink) == (1_600_000_000, 2)
    assert (first.st_uid, first.st_gid, first.st_mode & 0o7777) == (7, 8, 0o750)
    assert (copy / "link").readlink() == Path("/nowhere")
    assert (copy / "empty").is_dir()
    odd = b"odd-\xff".decode("utf-8", "surrogateescape")
    assert (copy / odd).read_bytes() == (data / odd).read_bytes()
    assert docker.inspect_volume("copy")["Labels"] == {"tier": "gold"}
    assert not (data_dir / "pipes").exists() or not list((data_dir / "pipes").iterdir())


def test_whatever_a_file_system_can_hold_is_in_the_clone(docker: APIClient) -> None:
    docker.create_volume("data")
    make_oddities(volume_path(docker, "data"))
    before = everything_about(volume_path(docker, "data"))
    cloned()
    assert everything_about(volume_path(docker, "copy")) == before


@pytest.mark.parametrize("consistency", ["none", "pause", "stop"])
def test_those_that_use_it_are_held_still_and_go_on(
    docker: APIClient, make_container: ContainerMaker, consistency: Any
) -> None:
    web = make_container("web", host={"binds": ["data:/data"]})
    before = docker.inspect_container(web)["State"]["StartedAt"]
    job = cloned(consistency=consistency)
    state = docker.inspect_container(web)["State"]
    assert state["Status"] == "running"
    assert (state["StartedAt"] != before) == (consistency == "stop")
    assert ("Pausing web" in job.log) == (consistency == "pause")
    assert "copy" in names(docker)


def test_one_that_cannot_be_stopped_is_said_before(
    client: Client, make_container: ContainerMaker, docker: APIClient
) -> None:
    make_container("once", host={"binds": ["data:/data"], "auto_remove": True})
    body = {"new_name": "copy", "consistency": "stop"}
    answer = client.post("/api/volume/data/clone", body, JSON)
    assert answer.status_code == 409
    assert "removes itself when it stops" in answer.json()["error"]
    page = client.post("/volumes/data/clone/", body)
    assert (page.status_code, "removes itself" in text_of(page)) == (422, True)
    assert not Job.objects.exists()


def test_one_that_is_not_as_what_was_read_does_not_stay(
    docker: APIClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloning, "likeness", lambda key, blocks: Likeness(0, 0, 0))
    job = failed(request_clone("data", CloneOptions("copy")))
    assert "is not what was read" in job.error
    assert names(docker) == {"data"}


def test_one_that_is_cancelled_does_not_stay(
    docker: APIClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_clone("data", CloneOptions("copy"))
    copy = Clone.copy

    def copy_and_cancel(self: Clone) -> Any:
        seen = copy(self)
        cancel(job.progress_id)
        return seen

    monkeypatch.setattr(Clone, "copy", copy_and_cancel)
    assert finished(job).status == Status.CANCELLED
    assert names(docker) == {"data"}
    monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_after_any_act_leaves_no_half_of_it(
    docker: APIClient, data: Path, make_container: ContainerMaker, tmp_path: Path
) -> None:
    web = make_container("web", host={"binds": ["data:/data"]})

    def request() -> Job:
        return request_clone("data", CloneOptions("copy", consistency="pause"))

    def check(job: Job, act: str) -> None:
        assert docker.inspect_container(web)["State"]["Status"] == "running", act
        there = "copy" in names(docker)
        assert there == (job.committed or not act), f"{act}: {job.status} {job.error}"
        if there and act:
            docker.remove_volume("copy")

    acts = kill_after_every_act(request, check, tmp_path)
    assert any("volumes/create" in act for act in acts)
    assert any("pause" in act for act in acts)


def test_a_name_that_is_taken_or_none_is_said_beside_it(
    client: Client, docker: APIClient, data: Path
) -> None:
    docker.create_volume("taken")
    for name, status in (("taken", 409), ("data", 409), ("a/b", 400), ("", 400)):
        answer = client.post("/api/volume/data/clone", {"new_name": name}, JSON)
        assert answer.status_code == status, name
        assert "new_name" in answer.json()["fields"]
        assert client.post("/volumes/data/clone/", {"new_name": name}).status_code == 422
    body = {"new_name": "copy", "consistency": "freeze"}
    assert client.post("/api/volume/data/clone", body, JSON).status_code == 400
    assert client.post("/volumes/data/clone/", body).status_code == 422
    assert not Job.objects.exists()


def test_a_name_that_was_taken_meanwhile_fails_and_is_left(docker: APIClient, data: Path) -> None:
    job = request_clone("data", CloneOptions("copy"))
    docker.create_volume("copy", labels={"whose": "theirs"})
    assert "There is a volume named copy already" in failed(job).error
    assert docker.inspect_volume("copy")["Labels"] == {"whose": "theirs"}
    with pytest.raises(Conflict):
        run_again(job.progress_id)
    docker.remove_volume("copy")
    again = run_again(job.progress_id)
    assert finished(again).status == Status.COMPLETE


def test_what_is_not_there_or_ours_is_not_cloned(
    client: Client, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("monkey", host={"binds": ["own:/backups"]}, labels={SELF_LABEL: "1"})
    for name, status in (("nowhere", 404), ("own", 403)):
        body = {"new_name": "copy"}
        assert client.post(f"/api/volume/{name}/clone", body, JSON).status_code == status
        assert client.get(f"/volumes/{name}/clone/").status_code == status


def test_what_cannot_be_taken_over_is_said(client: Client, docker: APIClient) -> None:
    docker.create_volume("data", labels={f"label-{number}": "x" for number in range(101)})
    page = client.post("/volumes/data/clone/", {"new_name": "copy", "consistency": "none"})
    assert page.status_code == 400
    assert "label" in text_of(page).casefold()
    assert client.get("/volumes/data/clone/").status_code == 400
    assert not Job.objects.exists()


def test_one_that_stands_for_a_folder_becomes_a_plain_one(
    client: Client, docker: APIClient, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "one").write_text("1")
    options = {"type": "none", "o": "bind", "device": str(folder)}
    docker.create_volume("data", driver_opts=options)
    page = client.get("/volumes/data/clone/")
    assert f"data stands for {folder}" in text_of(page)
    assert "xxx" not in text_of(page)
    assert not tags_of(page, "input", name="keep_options")
    body = {"new_name": "copy", "keep_options": True, "dry_run": True}
    plan = client.post("/api/volume/data/clone", body, JSON).json()["plan"]
    assert any("is a plain volume" in step for step in plan)
    assert not Job.objects.exists()
    cloned(keep_options=True)
    assert not docker.inspect_volume("copy")["Options"]
    assert (volume_path(docker, "copy") / "one").read_text() == "1"


def test_a_person_asks_for_it_on_its_page(
    client: Client, docker: APIClient, data: Path, make_container: ContainerMaker
) -> None:
    assert tags_of(client.get("/volumes/data/"), "a", href="/volumes/data/clone/")
    page = client.get("/volumes/data/clone/")
    assert tags_of(page, "input", name="new_name", value="data-clone")
    assert not tags_of(page, "input", name="consistency")
    make_container("web", host={"binds": ["data:/data"]})
    assert "Running containers mount it: web" in text_of(client.get("/volumes/data/clone/"))
    sent = {"new_name": "copy", "consistency": "stop"}
    answer = client.post("/volumes/data/clone/", sent, follow=True)
    assert "The clone of data is in the queue." in text_of(answer)
    job = Job.objects.get()
    assert client.delete("/api/volume/data/delete").status_code == 409
    finished(job)
    page = client.get(f"/jobs/{job.progress_id}/")
    assert "The volume is cloned" in text_of(page)
    assert tags_of(page, "a", href="/volumes/copy/")


def test_it_is_asked_for_by_the_api(client: Client, docker: APIClient, data: Path) -> None:
    answer = client.post("/api/volume/data/clone", {"new_name": "copy"}, JSON)
    assert answer.status_code == 202
    told = client.get(f"/api/backup-progress/{answer.json()['progress_id']}").json()
    assert (told["kind"], told["container_name"]) == ("volume_clone", "data")
    finished(Job.objects.get())
    assert "copy" in names(docker)


def test_who_has_not_signed_in_clones_nothing(
    stranger_client: Client, docker: APIClient, data: Path
) -> None:
    body = {"new_name": "copy"}
    assert stranger_client.post("/api/volume/data/clone", body, JSON).status_code == 401
    assert stranger_client.post("/volumes/data/clone/", body).status_code in (302, 403)
    assert not Job.objects.exists()
