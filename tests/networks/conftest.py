import pytest
from docker import APIClient

from tests.arrange import ContainerMaker
from tests.backups.conftest import client as client  # everybody who is signed in


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> str:
    """The id of a network on which is the container `web`."""
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.66.0.0/16", "Gateway": "10.66.0.1"}]}
    made = docker.create_network("shop", ipam=ipam)["Id"]
    make_container("web", networking={"shop": docker.create_endpoint_config(aliases=["front"])})
    return made
