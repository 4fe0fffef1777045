"""containers.memory_folders: folders that the Engine's lists leave out"""

import pytest

from containers.memory_folders import Remembered, all_mounts, folders_in_memory
from engine import engine
from tests.engine_calls import recorded_calls

pytestmark = pytest.mark.usefixtures("engine")


def test_each_folder_has_the_shape_of_a_mount(docker, make_container):
    container = make_container(start=False, host={"tmpfs": {"/b": "ro,size=1m", "/a": ""}})
    inspect = docker.inspect_container(container)
    assert [(each["Destination"], each["RW"]) for each in folders_in_memory(inspect)] == [
        ("/a", True),
        ("/b", False),
    ]
    assert inspect["Mounts"] == []


def test_they_come_after_what_the_engine_names(docker, make_container):
    host = {"binds": ["data:/data"], "tmpfs": {"/a": ""}}
    inspect = docker.inspect_container(make_container(start=False, host=host))
    assert [(each["Type"], each["Destination"]) for each in all_mounts(inspect)] == [
        ("volume", "/data"),
        ("tmpfs", "/a"),
    ]


def test_each_container_is_asked_for_once(docker, make_container):
    ids = [make_container(f"c{n}", start=False) for n in range(3)]
    remembered = Remembered()
    with engine() as ours:
        ours.ping()  # a new client asks for the Engine's version first
    with recorded_calls() as calls:
        remembered.among(docker, ids)
        remembered.among(docker, ids)
    assert len(calls) == 3


def test_one_that_vanished_meanwhile_has_none(docker):
    assert Remembered().among(docker, ["f" * 64]) == {"f" * 64: []}
