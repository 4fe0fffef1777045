"""What is told of a container's mounts, whichever Engine tells it."""

from engine.client import engine as engine_client
from engine.mounts import with_volume_names

ID = "c478230025992ddec98f40ff19d4aba2402f60752861002a8c66554aa38673eb"


def test_a_volume_of_which_no_name_is_said_has_that_of_its_directory():
    unnamed = {
        "Type": "volume",
        "Source": f"/var/lib/docker/volumes/{ID}/_data",
        "Destination": "/data",
        "Driver": "local",
    }
    folder = {"Type": "bind", "Source": "/srv/_data", "Destination": "/srv"}
    told = with_volume_names({"Mounts": [dict(unnamed), dict(folder)]})["Mounts"]
    assert told == [{**unnamed, "Name": ID}, folder]


def test_a_directory_that_tells_no_name_gives_none():
    strange = {"Type": "volume", "Source": "/mnt/nfs", "Destination": "/data", "Driver": "other"}
    assert with_volume_names({"Mounts": [strange]})["Mounts"][0]["Name"] == ""
    assert with_volume_names({"Mounts": None}) == {"Mounts": None}


def test_a_volume_that_the_engine_made_for_a_folder_has_a_name(docker, busybox):
    body = {"Image": busybox, "HostConfig": {"Binds": ["/data"]}}
    with engine_client() as client:
        made = client.create_from_body(body, name="web")
        names = {
            client.inspect_container(made)["Mounts"][0]["Name"],
            client.list_containers()[0]["Mounts"][0]["Name"],
        }
    assert names == {volume["Name"] for volume in docker.volumes()["Volumes"]}
