"""A volume's backup comes back: into a new volume, or in the place of what is there."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from docker import APIClient

from backups.errors import RestoreConflict
from backups.models import Backup
from backups.options import RestoreOptions
from backups.restoring import plan_restore, request_restore
from backups.volumes.restoring import VolumeRestore
from containermonkey.problems import Invalid
from jobs.models import Job, Status
from jobs.services import cancel, run_again
from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in
from tests.backups.killing import kill_after_every_act
from tests.backups.oddities import everything_about, make_oddities
from tests.backups.pages import tags_of, text_of
from tests.backups.steps import finished, tree_of, volume_path
from tests.backups.traveling import take_the_way
from tests.backups.volumes.conftest import Save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

JSON = "application/json"


def restored(backup: Backup, **options: Any) -> Job:
    job = finished(request_restore(backup.filename, RestoreOptions(**options)))
    assert job.status == Status.COMPLETE, f"{job.error}\n{job.log}"
    return job


def names(docker: APIClient) -> set[str]:
    return {volume["Name"] for volume in docker.volumes()["Volumes"] or []}


@pytest.mark.parametrize("way", ["directory", "helper", "engine"])
def test_one_that_is_gone_comes_back(
    way: str,
    docker: APIClient,
    data: Path,
    save: Save,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    backup, before = save(), tree_of(data)
    docker.remove_volume("data")
    job = restored(backup)
    assert job.result["volume"] == "data"
    assert tree_of(volume_path(docker, "data")) == before
    assert docker.inspect_volume("data")["Labels"] == {"tier": "gold"}


def test_whatever_a_file_system_can_hold_comes_back(docker: APIClient, save: Save) -> None:
    docker.create_volume("data")
    make_oddities(volume_path(docker, "data"))
    before = everything_about(volume_path(docker, "data"))
    restored(save(), new_name="again")
    assert everything_about(volume_path(docker, "again")) == before


def test_one_that_is_there_is_in_the_way_until_that_is_answered(
    docker: APIClient, data: Path, save: Save
) -> None:
    backup = save()
    with pytest.raises(RestoreConflict):
        request_restore(backup.filename, RestoreOptions())
    plan = plan_restore(backup.filename, RestoreOptions(on_conflict="rename"))
    assert plan.conflicts == []
    assert plan.container_name == "data-restored"
    restored(backup, on_conflict="rename")
    assert (volume_path(docker, "data-restored") / "file").read_text() == "content"
    with pytest.raises(Invalid):
        request_restore(backup.filename, RestoreOptions(new_name="x"))


def test_its_content_is_replaced_exactly(docker: APIClient, data: Path, save: Save) -> None:
    backup, before = save(), tree_of(data)
    (data / "since").write_text("new")
    (data / "file").write_text("changed")
    (data / "folder" / "below").unlink()
    restored(backup, on_conflict="replace")
    assert tree_of(data) == before


def test_one_that_a_running_container_uses_is_not_replaced(
    docker: APIClient, make_container: ContainerMaker, save: Save
) -> None:
    make_container("web", host={"binds": ["data:/data"]})
    backup = save()
    plan = plan_restore(backup.filename, RestoreOptions(on_conflict="replace"))
    assert "web is running and uses data" in plan.conflicts[0].message
    with pytest.raises(RestoreConflict):
        request_restore(backup.filename, RestoreOptions(on_conflict="replace"))


def test_what_fails_or_is_cancelled_leaves_everything_as_it_was(
    docker: APIClient, data: Path, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = save()
    (data / "since").write_text("new")
    before = tree_of(data)
    for options in ({"on_conflict": "replace"}, {"new_name": "again"}):
        job = request_restore(backup.filename, RestoreOptions(**options))  # type: ignore[arg-type]

        def cancelling(self: VolumeRestore, job: Job = job) -> None:
            cancel(job.progress_id)

        with monkeypatch.context() as patch:
            patch.setattr(VolumeRestore, "refuse_lost_volumes", cancelling)
            assert finished(job).status == Status.CANCELLED
        assert tree_of(data) == before
        assert names(docker) == {"data"}


@pytest.mark.django_db(transaction=True)
def test_after_any_act_the_old_or_the_new_content_is_there_whole(
    docker: APIClient, data: Path, save: Save, tmp_path: Path
) -> None:
    backup = save()
    saved = tree_of(data)
    (data / "since").write_text("new")
    changed = tree_of(data)

    def request() -> Job:
        return request_restore(backup.filename, RestoreOptions(on_conflict="replace"))

    def check(job: Job, act: str) -> None:
        assert job.undo == [], act
        assert tree_of(data) == (saved if job.committed else changed), act
        (data / "since").write_text("new")
        if job.committed:
            (data / "since").touch()

    acts: list[str] = []

    def check_and_note(job: Job, act: str) -> None:
        nonlocal changed
        check(job, act)
        changed = tree_of(data)

    acts = kill_after_every_act(request, check_and_note, tmp_path)
    assert "commit" in acts


def test_an_archive_that_is_damaged_is_not_restored(
    docker: APIClient, data: Path, save: Save, data_dir: Path
) -> None:
    backup = save()
    docker.remove_volume("data")
    path = data_dir / "backups" / backup.filename
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    job = request_restore(backup.filename, RestoreOptions())
    path.write_bytes(content)
    assert finished(job).status == Status.FAILED
    assert names(docker) == set()


def test_one_that_led_into_the_hosts_own_folders_is_not_made(
    docker: APIClient, save: Save, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "one").write_text("1")
    options = {"type": "none", "o": "bind", "device": str(folder)}
    docker.create_volume("data", driver_opts=options)
    backup = save()
    docker.remove_volume("data")
    plan = plan_restore(backup.filename, RestoreOptions())
    assert f"stands for the folder {folder}" in plan.conflicts[0].message
    (folder / "two").write_text("2")
    restored(backup, on_conflict="replace")
    assert sorted(path.name for path in folder.iterdir()) == ["one"]


def test_a_person_restores_it_on_its_page(
    client: Client, docker: APIClient, data: Path, save: Save
) -> None:
    backup = save()
    here = f"/backups/{backup.filename}/restore/"
    page = text_of(client.get(here))
    assert "Restore the volume data" in page
    assert "The volume data exists." in page
    assert "Choose under “Where a name is taken”" in page
    part = client.get(here, {"new_name": "again"}, headers={"HX-Request": "true"})
    assert "Create the volume again" in text_of(part)
    refused = client.post(here, {"new_name": "", "on_conflict": "fail"})
    assert (refused.status_code, "Nothing was changed" in text_of(refused)) == (422, True)
    assert client.post(here, {"new_name": "x", "on_conflict": "fail"}).status_code == 422
    answer = client.post(here, {"new_name": "again", "on_conflict": "fail"}, follow=True)
    assert "The restore of again is in the queue." in text_of(answer)
    job = Job.objects.latest("pk")
    finished(job)
    page = client.get(f"/jobs/{job.progress_id}/")
    assert "The volume is back" in text_of(page)
    assert tags_of(page, "a", href="/volumes/again/")
    assert "again" in names(docker)


def test_the_api_restores_it(client: Client, docker: APIClient, data: Path, save: Save) -> None:
    backup = save()
    body = {"filename": backup.filename, "new_name": "again"}
    told = client.post("/api/restore-backup", body | {"dry_run": True}, JSON).json()
    assert told["conflicts"] == []
    assert told["plan"] == [
        "Create the volume again with its driver, options and labels, and fill it from the backup."
    ]
    taken = client.post("/api/restore-backup", {"filename": backup.filename}, JSON)
    assert taken.status_code == 409
    assert taken.json()["conflicts"][0]["answer"] == "on_conflict"
    answer = client.post("/api/restore-backup", body | {"new_name": "a/b"}, JSON)
    assert answer.status_code == 400
    answer = client.post("/api/restore-backup", body, JSON)
    assert answer.status_code == 202
    assert client.delete("/api/volume/again/delete").status_code == 404
    finished(Job.objects.latest("pk"))
    assert "again" in names(docker)


def test_a_restore_that_failed_is_run_again(docker: APIClient, data: Path, save: Save) -> None:
    backup = save()
    job = request_restore(backup.filename, RestoreOptions(new_name="again"))
    docker.create_volume("again")
    assert finished(job).status == Status.FAILED
    docker.remove_volume("again")
    assert finished(run_again(job.progress_id)).status == Status.COMPLETE


def test_the_command_says_what_would_be_done(
    data: Path, save: Save, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("restore", save().filename, "--new-name", "again", "--dry-run")
    assert "Create the volume again" in capsys.readouterr().out


def test_who_has_not_signed_in_restores_nothing(
    stranger_client: Client, docker: APIClient, data: Path, save: Save
) -> None:
    backup = save()
    body = {"filename": backup.filename, "new_name": "again"}
    assert stranger_client.post("/api/restore-backup", body, JSON).status_code == 401
    here = f"/backups/{backup.filename}/restore/"
    assert stranger_client.post(here, body).status_code in (302, 403)
    assert names(docker) == {"data"}
