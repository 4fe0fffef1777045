"""Deleting a network."""

from accounts.audit import audited
from containermonkey.problems import Conflict
from engine import engine
from networks.queries import find_network
from networks.types import Network


def delete_network(reference: str) -> Network:
    """Delete a network by id, unambiguous prefix or name; what it was.

    Raise NotFound, or Conflict for one of Docker's own and for one that containers are on, naming
    them. Those that are stopped count too: without it they would not start any more.
    """
    with engine() as docker:
        network = find_network(docker, reference)
        with audited("network.delete", network.name, id=network.id[:12]), engine():
            refuse_built_in(network)
            refuse_in_use(network)
            docker.remove_network(network.id)
    return network


def refuse_built_in(network: Network) -> None:
    if network.built_in:
        raise Conflict(f"{network.name} is one of Docker’s own networks, which every host has.")


def refuse_in_use(network: Network) -> None:
    """Raise Conflict, naming them, where containers are on the network."""
    if network.containers:
        names = [member.name for member in network.containers]
        raise Conflict(
            f"The network {network.name} is in use by {', '.join(names)}. "
            "Disconnect or delete what is on it first.",
            containers=names,
        )
