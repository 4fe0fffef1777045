"""Acts that may be repeated, and carried out before what they undo was done."""

import pytest
from docker import APIClient
from docker.errors import NotFound as Gone

from containermonkey.problems import Conflict, NotFound
from containers import acts
from jobs.registry import undo_action_of
from tests.arrange import ContainerMaker
from tests.containers.bodies import inspect


def test_renaming_twice_is_renaming_once(make_container: ContainerMaker) -> None:
    made = make_container("one")
    for _ in range(2):
        acts.rename_container(made, "two")
        assert inspect(made)["Name"] == "/two"


def test_a_name_that_is_taken_is_a_conflict(make_container: ContainerMaker) -> None:
    make_container("one")
    with pytest.raises(Conflict, match="one"):
        acts.rename_container(make_container("two"), "one")


def test_removing_takes_no_volume_along(docker: APIClient, make_container: ContainerMaker) -> None:
    made = make_container(volumes=["/data"])
    volume = inspect(made)["Mounts"][0]["Name"]
    for _ in range(2):
        acts.remove_container(made)
        with pytest.raises(Gone):
            docker.inspect_container(made)
    assert docker.inspect_volume(volume)


def test_discarding_takes_along_only_what_was_made_for_the_container(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    kept = inspect(make_container(volumes=["/data"]))["Mounts"][0]["Name"]
    made = make_container(volumes=["/fresh"], host={"binds": [f"{kept}:/data", "named:/named"]})
    volumes = {mount["Destination"]: mount["Name"] for mount in inspect(made)["Mounts"]}
    for _ in range(2):
        acts.discard_container(made)
        with pytest.raises(Gone):
            docker.inspect_container(made)
    left = {each["Name"] for each in docker.volumes()["Volumes"]}
    assert left & set(volumes.values()) == {kept, "named"}


def test_stopping_starting_and_pausing_twice(make_container: ContainerMaker) -> None:
    made = make_container()
    for act, status in [
        (acts.pause_container, "paused"),
        (acts.unpause_container, "running"),
        (acts.pause_container, "paused"),
        (acts.start_container, "running"),
        (acts.pause_container, "paused"),
        (acts.stop_container, "exited"),
        (acts.unpause_container, "exited"),
        (acts.start_container, "running"),
    ]:
        for _ in range(2):
            act(made)
            assert inspect(made)["State"]["Status"] == status


def test_what_is_gone_is_stopped_unpaused_and_removed(engine: object) -> None:
    for act in (acts.stop_container, acts.unpause_container, acts.remove_container):
        act("f" * 64)
    for act in (acts.start_container, acts.pause_container):
        with pytest.raises(NotFound):
            act("f" * 64)


@pytest.mark.parametrize("action", [acts.START, acts.PAUSE])
def test_what_was_removed_meanwhile_is_not_put_back_for_ever(engine: object, action: str) -> None:
    undo_action_of(action)(container_id="f" * 64)
    undo_action_of(acts.RENAME)(container_id="f" * 64, name="web")
    undo_action_of(acts.RESTART_POLICY)(container_id="f" * 64, policy={"Name": "always"})
    undo_action_of(acts.PUT_BACK_STAND_IN)(
        container_id="f" * 64, stand_in="web-before-1", name="web", paused=False
    )


def test_a_container_whose_network_is_gone_is_not_silently_left_stopped(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_network("front")
    networking = {"front": docker.create_endpoint_config()}
    made = make_container(networking=networking, start=False)
    docker.remove_network("front")
    with pytest.raises(NotFound, match="front"):
        undo_action_of(acts.START)(container_id=made)


def test_one_that_removes_itself_is_gone_when_it_has_been_stopped(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    made = make_container(host={"auto_remove": True})
    acts.stop_container(made)
    assert not docker.containers(all=True)


def test_a_container_is_given_the_time_to_end_that_it_asks_for() -> None:
    assert acts.stop_seconds({"Config": {}}) == acts.STOP_SECONDS
    assert acts.stop_seconds({"Config": {"StopTimeout": 0}}) == 0
    assert acts.stop_seconds({"Config": {"StopTimeout": 300}}) == 300
    assert acts.stop_seconds({"Config": {"StopTimeout": -1}}) == acts.LONGEST_STOP_SECONDS


def test_making_a_container_again_twice_makes_one(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    old = inspect(make_container("old"))
    made = {acts.recreate_from_inspect(old, "new") for _ in range(2)}
    assert len(made) == 1
    assert inspect("new")["Id"] in made
    assert inspect("new")["State"]["Status"] == "created"


def test_a_name_is_not_taken_for_the_beginning_of_an_id(make_container: ContainerMaker) -> None:
    made = make_container("old")
    assert acts.container_named(made[:6]) is None
    assert acts.container_named("old")["Id"] == made


def test_nobody_elses_container_is_removed_because_its_id_begins_with_a_name(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    """A container may be called `db`, and every other one in 256 has an id that begins so."""
    bystander = make_container("bystander")
    acts.remove_container(bystander[:6])
    assert docker.inspect_container(bystander)["State"]["Running"]
