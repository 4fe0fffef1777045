"""Whether a container is what was asked for, and in which settings it is not.

Both sides go through the same glass: what was asked for, and what `create_body` and `endpoints`
would ask for to make the new container again. Runtime values are on neither side then.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints as endpoints_of
from containers.endpoints import main_network_of
from containers.mounts import place

MAPS = {
    "Annotations",
    "Config",
    "DriverOpts",
    "Env",
    "ExposedPorts",
    "GenericResources",
    "Labels",
    "PortBindings",
    "StorageOpt",
    "Sysctls",
    "Tmpfs",
    "Volumes",
}
"""Objects whose keys are somebody's words: an empty value there is a value."""

EMPTY_MEANS_SOMETHING = {
    "Init",
    "MaskedPaths",
    "MemorySwappiness",
    "ReadonlyPaths",
    "StopTimeout",
}
"""Settings of which null (as the Engine has it) is not the same as 0, false or an empty list."""

ORDER_MEANS_SOMETHING = {"Cmd", "Dns", "DnsSearch", "Entrypoint", "ExtraHosts", "Shell", "Test"}

FILLED_BY_ENGINE = {
    "HostConfig.CgroupnsMode",
    "HostConfig.ConsoleSize",
    "HostConfig.IpcMode",
    "HostConfig.Isolation",
    "HostConfig.LogConfig",
    "HostConfig.LogConfig.Config",
    "HostConfig.LogConfig.Type",
    "HostConfig.MaskedPaths",
    "HostConfig.MemorySwap",
    "HostConfig.ReadonlyPaths",
    "HostConfig.Runtime",
    "HostConfig.ShmSize",
    "HostConfig.Ulimits",
    "HostConfig.UsernsMode",
}
"""Settings that the Engine gives a value when nobody does."""

SAME_AS_UNSET: dict[str, tuple[Any, ...]] = {
    "ConsoleSize": ([0, 0],),
    "Isolation": ("default",),
    "MemorySwappiness": (-1,),
    "NetworkMode": ("default", "bridge"),
    "PidsLimit": (-1,),
    "Propagation": ("rprivate",),
    "RestartPolicy": ({"Name": "no"},),
    "UsernsMode": ("",),
}

QUOTED = 200
"""Letters of a value that are quoted in a sentence."""


@dataclass(frozen=True)
class Difference:
    """A setting that is not as wanted. `path` is the Engine's name for it."""

    path: str
    wanted: Any
    actual: Any
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    body: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    inspect: Mapping[str, Any],
    *,
    image_config: Mapping[str, Any] | None = None,
    host_name: str | None = None,
) -> list[Difference]:
    """Every way in which the inspected container is not what `body` and `endpoints` ask for.

    What the Engine fills in by itself is no difference, nor is what comes from the image if its
    `Config` is given (its variables, labels, ports, healthcheck and so on). `host_name` is what the
    Docker host calls itself; a container in its network is called so, too.
    """
    wanted = seen(body, endpoints)
    changes = Changes(host_name=host_name)
    actual = seen(create_body(inspect, changes=changes), endpoints_of(inspect))
    settle_mac(wanted, actual, inspect)
    if actual.get("Entrypoint") == [""]:
        # What `create_body` says for "none" is no difference where none was asked for.
        wanted.setdefault("Entrypoint", [""])
    inherited = normal(image_config or {})
    found = [
        difference(path, *values)
        for path, values in differing(wanted, actual)
        if not explained(path, values, inherited)
    ]
    return found + list(not_mounted(body, inspect))


def seen(body: Mapping[str, Any], endpoints: Mapping[str, Any]) -> dict[str, Any]:
    """Both parts of a request as one comparable value."""
    networks = {name: normal(each) for name, each in endpoints.items()}
    return {"HostConfig": {}, **normal(body), "Networks": networks}


def normal(value: Any, field: str = "") -> Any:
    """A value without what says nothing, and without an order where order says nothing."""
    if field in MAPS:
        return as_map(value)
    if isinstance(value, Mapping):
        return {
            name: inner
            for name, item in value.items()
            if says_something(name, inner := normal(item, name))
        }
    if isinstance(value, list):
        return normal_list(value, field)
    return value


def as_map(value: Any) -> dict[str, Any]:
    """An object of somebody's words; a list of `NAME=value` too."""
    if isinstance(value, list):
        return {
            name: text if sign else None for name, sign, text in (v.partition("=") for v in value)
        }
    return dict(value or {})


def says_something(field: str, value: Any) -> bool:
    """Whether a value differs from leaving the setting out."""
    if value is None or value in SAME_AS_UNSET.get(field, ()):
        return False
    return field in EMPTY_MEANS_SOMETHING or value not in ("", 0, [], {})


def normal_list(items: list[Any], field: str) -> Any:
    """A list in an order of its own, or by what its items are about."""
    if field in ("CapAdd", "CapDrop"):
        return sorted(str(item).upper().removeprefix("CAP_") for item in items)
    if field == "Mounts":
        return {place(str(item.get("Target"))): normal(item) for item in items}
    plain = [normal(item) for item in items]
    return plain if field in ORDER_MEANS_SOMETHING else sorted(plain, key=repr)


def settle_mac(wanted: dict[str, Any], actual: dict[str, Any], inspect: Mapping[str, Any]) -> None:
    """Take addresses out that are as wanted; an Engine may show them in another place."""
    shown = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    in_use = {name: (settings or {}).get("MacAddress") for name, settings in shown.items()}
    main = main_network_of(inspect["HostConfig"].get("NetworkMode"))
    if wanted.get("MacAddress") and wanted["MacAddress"] == in_use.get(main):
        actual["MacAddress"] = wanted["MacAddress"]
    for name, endpoint in wanted["Networks"].items():
        if endpoint.get("MacAddress") and endpoint["MacAddress"] == in_use.get(name):
            actual["Networks"].get(name, {})["MacAddress"] = endpoint["MacAddress"]


def differing(
    wanted: Mapping[str, Any], actual: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The paths at which two values are not the same, with both values there."""
    for name in dict.fromkeys([*wanted, *actual]):
        here = f"{path}{name}"
        one, other = wanted.get(name), actual.get(name)
        if name in wanted and name in actual and one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from differing(one, other, f"{here}.")
        elif name in wanted or name in actual:
            yield here, (one, other)


def explained(path: str, values: tuple[Any, Any], inherited: Mapping[str, Any]) -> bool:
    """Whether a value that nobody asked for comes from the Engine or from the image."""
    wanted, actual = values
    if wanted is not None:
        return False
    if path in FILLED_BY_ENGINE:
        return True
    group, _, name = path.partition(".")
    source = inherited.get(group)
    if isinstance(source, Mapping) and name:
        return name in source and source[name] == actual
    return source is not None and source == actual


def difference(path: str, wanted: Any, actual: Any) -> Difference:
    """A difference with its sentence, which goes into a job's log: no variable's value is in it."""
    if path.startswith("Env."):
        kind = "missing" if actual is None else "not as wanted" if wanted else "not asked for"
        return Difference(path, wanted, actual, f"The variable {path[4:]} is {kind}.")
    if wanted is None:
        message = f"{path} is {quoted(actual)}, though nothing was asked for."
    elif actual is None:
        message = f"{path} is not set; it should be {quoted(wanted)}."
    else:
        message = f"{path} is {quoted(actual)}; it should be {quoted(wanted)}."
    return Difference(path, wanted, actual, message)


def quoted(value: Any) -> str:
    """A value as it can stand in a sentence."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text[:QUOTED]}…”" if len(text) > QUOTED else f"“{text}”"


def not_mounted(body: Mapping[str, Any], inspect: Mapping[str, Any]) -> Iterator[Difference]:
    """Volumes that were asked for by name and are not what is mounted in their place."""
    mounted = {
        place(mount["Destination"]): mount.get("Name") for mount in inspect.get("Mounts") or []
    }
    for destination, name in wanted_volumes(body["HostConfig"]).items():
        if mounted.get(destination) != name:
            actual = mounted.get(destination)
            yield difference(f"Mounts.{destination}", name, actual)


def wanted_volumes(host: Mapping[str, Any]) -> dict[str, str]:
    """The named volumes that a `HostConfig` asks for, by their place in the container."""
    wanted = {}
    for bind in host.get("Binds") or []:
        source, colon, rest = bind.partition(":")
        if colon and not source.startswith("/"):
            wanted[place(rest.partition(":")[0])] = source
    for mount in host.get("Mounts") or []:
        if mount["Type"] == "volume" and mount.get("Source"):
            wanted[place(mount["Target"])] = mount["Source"]
    return wanted
