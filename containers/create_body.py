"""A container's inspect turned back into what creates that container.

`Config` and `HostConfig` go through whole, whatever an Engine puts into them; what is taken out
or changed stands in this module, in `containers.mounts` and in `containers.endpoints`, each with
its reason. Nothing that is given is ever changed in place.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from containermonkey.problems import Invalid
from containers.changes import Changes, container_mode, moved_container, understood
from containers.endpoints import endpoints, main_network, network_mode
from containers.mounts import with_same_mounts

OPTIONS_OF_MOUNT = {
    "BindOptions": "bind",
    "VolumeOptions": "volume",
    "TmpfsOptions": "tmpfs",
    "ImageOptions": "image",
    "ClusterOptions": "cluster",
}


def create_body(inspect: Mapping[str, Any], *, changes: Changes | None = None) -> dict[str, Any]:
    """The body of `POST /containers/create` that makes the inspected container again.

    The networks are not in it: `endpoints` gives them, `create_container` puts both together.
    Raise Invalid for a change that the container cannot have.
    """
    changes = changes or Changes()
    with understood():
        config = deepcopy(dict(inspect["Config"]))
        host = deepcopy(dict(inspect["HostConfig"]))
        host["NetworkMode"] = network_mode(inspect, changes)
        settle_config(config, inspect, changes)
        settle_host(host, changes)
        settle_ports(config, host, changes)
        return {**config, "HostConfig": with_same_mounts(host, inspect, changes)}


def settle_config(config: dict[str, Any], inspect: Mapping[str, Any], changes: Changes) -> None:
    """Take out of `Config` what the Engine made up, and put in what is asked for."""
    config["Image"] = changes.image or config["Image"]
    config["Hostname"] = hostname(inspect, changes)
    if container_mode(inspect["HostConfig"].get("NetworkMode")):
        # The Engine copies both from the container whose network is shared.
        config["Domainname"] = ""
    if not config.get("Entrypoint"):
        # Null would bring the image's entrypoint back where `--entrypoint ""` took it away.
        config["Entrypoint"] = [""]
    if main_network(inspect, changes) not in endpoints(inspect, changes=changes):
        # Newer Engines refuse an address for a network that the container is not on.
        config.pop("MacAddress", None)


def hostname(inspect: Mapping[str, Any], changes: Changes) -> str:
    """The host name that somebody chose, or nothing where the Engine made it up.

    It is the short id unless one was chosen; the Docker host's own name on the host's network;
    another container's in that one's network.
    """
    if changes.hostname is not None:
        return changes.hostname
    host, name = inspect["HostConfig"], inspect["Config"].get("Hostname") or ""
    if container_mode(host.get("NetworkMode")) or host.get("UTSMode") == "host":
        return ""
    if host.get("NetworkMode") == "host" and name == changes.host_name:
        return ""
    return "" if name == inspect["Id"][:12] else name


def settle_host(host: dict[str, Any], changes: Changes) -> None:
    """Make what `HostConfig` says about other containers, and a few values, fit to be sent."""
    for field in ("IpcMode", "PidMode", "Cgroup"):
        if other := container_mode(host.get(field)):
            host[field] = f"container:{moved_container(other, changes) or other}"
    if host.get("Links"):
        host["Links"] = [link(text, changes) for text in host["Links"]]
    if host.get("MemorySwappiness") == -1:
        # The same as unset; runtimes on cgroup v2 refuse the number.
        host["MemorySwappiness"] = None
    if host.get("Mounts"):
        host["Mounts"] = [with_own_options(mount) for mount in host["Mounts"]]


def link(text: str, changes: Changes) -> str:
    """A legacy link as it is asked for (`db:alias`), from how it is shown (`/db:/web/alias`)."""
    target, _, alias = text.partition(":")
    target = target.removeprefix("/")
    return f"{moved_container(target, changes) or target}:{alias.rpartition('/')[2] or target}"


def with_own_options(mount: Mapping[str, Any]) -> dict[str, Any]:
    """A mount without options of other types, which newer Engines refuse and older ones ignore."""
    return {
        field: value
        for field, value in mount.items()
        if OPTIONS_OF_MOUNT.get(field, mount["Type"]) == mount["Type"]
    }


def settle_ports(config: dict[str, Any], host: dict[str, Any], changes: Changes) -> None:
    """Put other host ports in, and take ports out where the Engine refuses them."""
    if container_mode(host["NetworkMode"]):
        if changes.port_overrides:
            raise Invalid(
                "The container uses the network of another container and publishes no ports"
                " of its own."
            )
        # The image's EXPOSE comes back by itself; sent along, it would be refused.
        config["ExposedPorts"] = None
        host["PortBindings"], host["PublishAllPorts"] = {}, False
        return
    for port, host_port in changes.port_overrides.items():
        port = port if "/" in port else f"{port}/tcp"
        bindings = (host.get("PortBindings") or {}).get(port) or [{}]
        addresses = dict.fromkeys(binding.get("HostIp") or "" for binding in bindings)
        host["PortBindings"] = (host.get("PortBindings") or {}) | {
            port: [{"HostIp": address, "HostPort": str(host_port)} for address in addresses]
        }
        config["ExposedPorts"] = (config.get("ExposedPorts") or {}) | {port: {}}
