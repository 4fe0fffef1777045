"""Volumes that are replaced by what a backup holds, and what keeps them from it."""

import os

import pytest
from docker import APIClient

from backups.options import RestoreOptions
from backups.restore import ATTRIBUTES_LEFT
from backups.services import plan_restore
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, kinds, restored, tree_of, volume_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

FOREVER = ["sleep", "1000"]


def test_an_overwritten_volume_is_exactly_what_the_archive_holds(
    app: str, docker: APIClient
) -> None:
    where = volume_path(docker, "app-data")
    before = tree_of(where)
    backup = backed_up("app")
    run_in(docker, app, "sh", "-c", "echo new > /data/sub/file; touch /data/stale; chmod 700 /data")
    job = restored(backup, on_conflict="replace", overwrite_volumes=True)
    assert tree_of(where) == before
    assert job.result["report"] == []
    assert docker.inspect_container("app")["Id"] != app
    assert [c["Names"] for c in docker.containers(all=True)] == [["/app"]]


def test_a_kept_volume_keeps_its_present_content(app: str, docker: APIClient) -> None:
    backup = backed_up("app")
    run_in(docker, app, "sh", "-c", "echo new > /data/sub/file")
    restored(backup, on_conflict="replace", overwrite_volumes=False)
    assert run_in(docker, "app", "cat", "/data/sub/file") == "new\n"


def test_a_volume_that_somebody_else_is_using_is_not_overwritten(
    app: str, make_container: ContainerMaker
) -> None:
    make_container("other", command=FOREVER, host={"binds": ["app-data:/x"], "init": True})
    backup = backed_up("app")
    options = RestoreOptions(on_conflict="replace", overwrite_volumes=True)
    assert kinds(options, backup.filename) == {("volume_in_use", "app-data")}


def test_of_a_swarms_task_it_says_to_scale_its_service(
    app: str, make_container: ContainerMaker
) -> None:
    labels = {"com.docker.swarm.service.name": "shop_web"}
    make_container("other", labels=labels, host={"binds": ["app-data:/x"], "init": True})
    backup = backed_up("app")
    options = RestoreOptions(on_conflict="replace", overwrite_volumes=True)
    (conflict,) = plan_restore(backup.filename, options).conflicts
    assert "scale the service “shop_web” to 0 before" in conflict.message


def test_a_volume_held_by_a_stopped_container_is_overwritten(
    app: str, make_container: ContainerMaker, docker: APIClient
) -> None:
    make_container("other", start=False, host={"binds": ["app-data:/x"]})
    backup = backed_up("app")
    run_in(docker, app, "touch", "/data/stale")
    restored(backup, on_conflict="replace", overwrite_volumes=True)
    assert not (volume_path(docker, "app-data") / "stale").exists()


def test_overwriting_works_through_a_helper_image_where_the_directory_is_out_of_reach(
    app: str, docker: APIClient, settings, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HELPER_IMAGE = busybox
    where = volume_path(docker, "app-data")
    before = tree_of(where)
    backup = backed_up("app")
    run_in(docker, app, "sh", "-c", "echo new > /data/sub/file; touch /data/.hidden '/data/a b'")
    os.setxattr(where, "user.stale", b"1")
    monkeypatch.setattr("volumes.aside.is_visible", lambda place, folder: False)
    job = restored(backup, on_conflict="replace", overwrite_volumes=True)
    assert f"/data: {ATTRIBUTES_LEFT}" in job.result["report"]
    assert os.getxattr(where, "user.stale") == b"1"
    os.removexattr(where, "user.stale")
    assert tree_of(where) == before


def test_overwriting_works_through_a_helper_image_for_who_may_not_touch_the_directory(
    app: str, docker: APIClient, settings, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person in the group `docker` runs the program, and `/var/lib/docker` is root's."""
    where = volume_path(docker, "app-data")
    before = tree_of(where)
    backup = backed_up("app")
    run_in(docker, app, "touch", "/data/stale")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    options = RestoreOptions(on_conflict="replace", overwrite_volumes=True)
    assert kinds(options, backup.filename) == {("volume", "app-data")}
    settings.HELPER_IMAGE = busybox
    restored(backup, on_conflict="replace", overwrite_volumes=True)
    assert tree_of(where) == before


def test_without_any_way_in_overwriting_is_refused_with_the_reason(
    app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up("app")
    monkeypatch.setattr("volumes.aside.is_same_directory", lambda path, seen: False)
    plan = plan_restore(
        backup.filename, RestoreOptions(on_conflict="replace", overwrite_volumes=True)
    )
    assert "CONTAINERMONKEY_HELPER_IMAGE" in plan.conflicts[0].message


def test_a_volume_that_was_empty_is_not_filled_from_the_image(
    app: str, docker: APIClient, make_container: ContainerMaker
) -> None:
    run_in(docker, app, "sh", "-c", "mkdir -p /seed/sub; echo image > /seed/file; chmod 711 /seed")
    docker.commit(app, repository="seeded", tag="1")
    made = make_container(
        "first",
        image="seeded:1",
        command=FOREVER,
        host={"binds": ["emptied:/seed"], "init": True},
    )
    assert run_in(docker, made, "cat", "/seed/file") == "image\n"
    run_in(docker, made, "sh", "-c", "rm -r /seed/*; chmod 750 /seed; chown 3:4 /seed")
    before = tree_of(volume_path(docker, "emptied"))
    backup = backed_up("first")
    docker.remove_container(made, force=True)
    docker.remove_volume("emptied")
    restored(backup)
    assert tree_of(volume_path(docker, "emptied")) == before
