"""Making a container from a create body and its networks, whole or not at all."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from containers.endpoints import main_network_of, networks_of
from engine import Docker


def create_container(
    docker: Docker,
    body: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    name: str,
) -> str:
    """Create a container on exactly these networks, without starting it; its id.

    `body` is what `create_body` gives, `endpoints` what the function of that name does. The
    container is created on the first network and then connected to the others, because Engines
    before API 1.44 take only one. If that fails, it is removed again and the error goes on.
    """
    for network in endpoints:
        # Otherwise a network that is missing would be noticed when the container is started.
        docker.inspect_network(network)
    first, others = split(body["HostConfig"].get("NetworkMode"), endpoints)
    created = docker.create_from_body(
        {**body, "NetworkingConfig": {"EndpointsConfig": first}}, name=name
    )
    with ExitStack() as on_failure:
        on_failure.callback(docker.remove_container, created, force=True, v=True)
        for network, endpoint in others.items():
            docker.connect_with(network, created, dict(endpoint))
        for network in networks_of(docker.inspect_container(created)):
            # Without any endpoint the Engine falls back on the network mode's network.
            if network not in endpoints:
                docker.disconnect_container_from_network(created, network)
        on_failure.pop_all()
    return created


def split(
    mode: str | None, endpoints: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
    """The endpoint to create a container with, and those to connect it to afterwards.

    The network mode's network is known to the Engine by what the mode calls it.
    """
    main = main_network_of(mode)
    first = main if main in endpoints else next(iter(endpoints), None)
    if first is None:
        return {}, {}
    others = {name: endpoint for name, endpoint in endpoints.items() if name != first}
    return {mode if first == main and mode else first: dict(endpoints[first])}, others
