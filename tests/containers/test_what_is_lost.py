"""containers.queries.what_is_lost"""

import pytest

from containermonkey.problems import NotAllowed, NotFound
from containers.queries import what_is_lost
from tests import images
from tests.engine_calls import recorded_calls


def destinations(holdings) -> set[str]:
    return {holding.mount.destination for holding in holdings}


def test_anonymous_volumes_go_and_everything_named_stays(docker, make_container):
    images.build(docker, "with-volume:test", ["VOLUME /declared"])
    make_container(
        "web",
        image="with-volume:test",
        volumes=["/scratch"],
        host={"binds": ["kept:/data", "/etc/hostname:/host:ro"], "tmpfs": {"/tmp": ""}},
    )
    loss = what_is_lost("web")
    assert (loss.container.name, loss.running) == ("web", True)
    assert destinations(loss.anonymous) == {"/declared", "/scratch"}
    assert destinations(loss.kept) == {"/data", "/host"}


def test_what_it_calls_anonymous_is_what_the_engine_removes(docker, make_container):
    """A volume whose name looks like one that the Engine gave is kept where a person named it."""
    name = "ab" * 32
    make_container("web", volumes=["/scratch"], host={"binds": [f"{name}:/data"]})
    loss = what_is_lost("web")
    before = {volume["Name"] for volume in docker.volumes()["Volumes"]}

    docker.remove_container("web", v=True, force=True)

    after = {volume["Name"] for volume in docker.volumes()["Volumes"]}
    assert {holding.mount.name for holding in loss.anonymous} == before - after
    assert {holding.mount.name for holding in loss.kept} == after == {name}


def test_volumes_that_others_mount_stay_and_the_others_are_named(make_container):
    first = make_container("first", volumes=["/scratch"], host={"binds": ["kept:/data"]})
    make_container("second", start=False, host={"volumes_from": [first]})
    loss = what_is_lost("first")
    assert loss.anonymous == []
    assert {tuple(holding.shared_with) for holding in loss.kept} == {("second",)}
    assert destinations(loss.kept) == {"/data", "/scratch"}


def test_a_container_without_mounts_has_nothing_to_keep(make_container):
    make_container("web", start=False)
    loss = what_is_lost("web")
    assert (loss.running, loss.anonymous, loss.kept) == (False, [], [])


def test_two_calls_of_the_engine(make_container):
    make_container("web", start=False)
    make_container("db", start=False)
    what_is_lost("web")
    with recorded_calls() as calls:
        what_is_lost("web")
    assert len(calls) == 2


def test_this_program_itself_is_out_of_reach(make_container):
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    with pytest.raises(NotAllowed):
        what_is_lost("monkey")


def test_what_is_not_there_is_said_so(engine):
    with pytest.raises(NotFound):
        what_is_lost("nothing")
