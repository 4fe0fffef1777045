"""The networks of a restored container, where the host's are not as they were."""

import pytest
from docker import APIClient

from backups.options import RestoreOptions
from backups.services import plan_restore
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, restored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


def test_a_network_whose_name_begins_anothers_id_is_made_again(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    name = docker.create_network("other")["Id"][:5]
    docker.create_network(name)
    made = make_container("first", networking={name: docker.create_endpoint_config()})
    backup = backed_up("first")
    docker.remove_container(made, force=True)
    docker.remove_network(docker.networks(names=[name])[0]["Id"])
    assert restored(backup).result["report"] == []
    assert list(docker.inspect_container("first")["NetworkSettings"]["Networks"]) == [name]
    assert name in {network["Name"] for network in docker.networks()}


def test_a_network_that_gives_its_subnet_up_does_not_take_that_of_another(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    wanted = {"Driver": "default", "Config": [{"Subnet": "10.80.0.0/24"}]}
    docker.create_network("given-up", ipam=wanted)
    docker.create_network("kept")
    networking = {"given-up": docker.create_endpoint_config()}
    made = make_container("first", networking=networking, start=False)
    docker.connect_container_to_network(made, "kept")
    backup = backed_up("first")
    docker.remove_container(made)
    docker.remove_network("given-up")
    docker.remove_network("kept")
    docker.create_network("other", ipam=wanted)
    steps = plan_restore(backup.filename, RestoreOptions()).steps
    made_again = [step.split()[3] for step in steps if step.startswith("Create the network")]
    assert made_again == ["kept", "given-up"]
    restored(backup)
