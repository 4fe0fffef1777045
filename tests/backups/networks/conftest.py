"""A network with everything, and a backup of it."""

from typing import Any

import pytest
from docker import APIClient

from backups.models import Backup
from backups.networks.capture import back_up_network


@pytest.fixture
def shop(docker: APIClient) -> dict[str, Any]:
    """The inspect of the network `shop`, on which nobody is."""
    config = {
        "Subnet": "10.77.0.0/16",
        "Gateway": "10.77.0.9",
        "IPRange": "10.77.5.0/24",
        "AuxiliaryAddresses": {"router": "10.77.5.1"},
    }
    docker.create_network(
        "shop",
        options={"com.docker.network.driver.mtu": "1400"},
        labels={"tier": "front"},
        ipam={"Driver": "default", "Config": [config]},
        attachable=True,
    )
    return docker.inspect_network("shop")


@pytest.fixture
def backup(shop, data_dir, db) -> Backup:
    """A backup of `shop`, which still is there."""
    return back_up_network("shop")
