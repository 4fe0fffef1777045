"""Helper containers come and go, and take nothing with them."""

import threading
from contextlib import suppress

import pytest
from docker.errors import NotFound

from containermonkey.problems import Invalid
from engine import engine as current_engine
from engine.client import Docker
from engine.errors import EngineUnreachable
from engine.helpers import (
    EMPTY_IMAGE,
    ensure_empty_image,
    helper,
    helper_body,
    make_folder,
    remove_helper,
    remove_helpers,
    removed_afterwards,
    run_helper,
)
from engine.streams import read_archive, stat_path
from tests import images
from tests.arrange import JOB_LABEL, left_by_jobs

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def ours(docker_host):
    with current_engine() as client:
        yield client


def volume_mount(name: str) -> dict:
    return {"Type": "volume", "Source": name, "Target": "/volumes/key"}


def test_a_helper_sees_its_mounts_and_is_gone_afterwards(ours: Docker, docker) -> None:
    docker.create_volume("data")

    with helper(ours, [volume_mount("data")], "job-1") as container:
        inspect = docker.inspect_container(container)
        assert stat_path(ours, container, "/volumes/key") is not None

    assert inspect["Config"]["Labels"] == {JOB_LABEL: "job-1"}
    assert inspect["State"]["Status"] == "created"
    assert inspect["HostConfig"]["NetworkMode"] == "none"
    assert left_by_jobs(docker) == []
    assert docker.inspect_volume("data")


def test_a_helper_is_gone_after_a_failure_which_is_what_comes_out(ours: Docker, docker) -> None:
    with pytest.raises(Invalid, match="not this way"), helper(ours, [], "job-1"):
        raise Invalid("not this way")

    assert left_by_jobs(docker) == []


def test_what_went_wrong_is_told_even_where_the_helper_cannot_be_removed(
    ours: Docker, engine
) -> None:
    with pytest.raises(Invalid, match="not this way"), helper(ours, [], "job-1"):
        engine.kill()
        raise Invalid("not this way")

    engine.start()
    with current_engine() as client:
        assert len(remove_helpers(client, "job-1")) == 1


def test_an_engine_that_is_gone_at_the_end_is_told(docker_host, engine) -> None:
    with pytest.raises(EngineUnreachable), current_engine() as client, helper(client, [], "job-1"):
        engine.kill()

    engine.start()
    with current_engine() as client:
        remove_helpers(client)


def test_helpers_that_were_left_are_found_by_their_job(ours: Docker, docker) -> None:
    image = ensure_empty_image(ours)
    for job in ("job-1", "job-1", "job-2"):
        ours.create_from_body(helper_body(image, [], job))

    assert len(remove_helpers(ours, "job-1")) == 2
    assert len(left_by_jobs(docker)) == 1

    assert len(remove_helpers(ours)) == 1
    assert left_by_jobs(docker) == []


def test_other_containers_are_never_taken_for_helpers(ours: Docker, docker, make_container) -> None:
    bystander = make_container("bystander", labels={"containermonkey.jobs": "x"})

    assert remove_helpers(ours) == []
    assert docker.inspect_container(bystander)["State"]["Running"]


def test_a_helper_takes_its_own_anonymous_volume_with_it_and_no_other(ours: Docker, docker) -> None:
    images.build(docker, "declares:1", ['VOLUME ["/backups"]'])
    nameless = docker.create_volume()["Name"]

    body = helper_body("declares:1", [volume_mount(nameless)], "job-1")
    with removed_afterwards(ours, body) as container:
        assert len(docker.inspect_container(container)["Mounts"]) == 2

    assert [volume["Name"] for volume in docker.volumes()["Volumes"]] == [nameless]


def test_a_helper_can_be_removed_twice_and_by_two_at_once(ours: Docker, docker) -> None:
    docker.create_volume("data")
    failures: list[BaseException] = []

    def remove() -> None:
        try:
            remove_helper(ours, container)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            failures.append(error)

    container = ours.create_from_body(
        helper_body(ensure_empty_image(ours), [volume_mount("data")], "job-1")
    )
    with read_archive(ours, container, "/volumes"):
        threads = [threading.Thread(target=remove) for _ in range(3)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    remove_helper(ours, container)

    assert failures == []
    assert left_by_jobs(docker) == []


def test_the_empty_image_is_made_once_and_holds_nothing(ours: Docker, docker) -> None:
    with suppress(NotFound):
        docker.remove_image(EMPTY_IMAGE)

    assert ensure_empty_image(ours) == ensure_empty_image(ours) == EMPTY_IMAGE

    inspect = docker.inspect_image(EMPTY_IMAGE)
    assert inspect["Size"] == 0


def test_a_folder_of_the_host_is_made(ours: Docker, docker, tmp_path) -> None:
    folder = tmp_path / "with a space" / "and below"

    make_folder(ours, str(folder), "job-1")

    assert folder.is_dir()
    assert left_by_jobs(docker) == []


def test_a_command_is_run_and_its_status_and_words_come_back(
    ours: Docker, docker, busybox: str
) -> None:
    status, output = run_helper(ours, busybox, ["sh", "-c", "echo 'it''s'; exit 3"], [], "job-1")

    assert (status, output) == (3, "its\n")
    assert left_by_jobs(docker) == []
