"""Whether a network that was made is the one that was wanted."""

from collections.abc import Iterable
from typing import Any

from networks.services import create_body


def differences(body: dict[str, Any], inspect: dict[str, Any]) -> list[str]:
    """Every way in which a network differs from the create body it was made from, in sentences."""
    wanted, made = flat(body), flat(create_body(inspect))
    return compared(wanted, made, wanted.keys() | made.keys())


def unmet(body: dict[str, Any], inspect: dict[str, Any]) -> list[str]:
    """Every way in which a network is not what was asked for; what the Engine chose is its own."""
    made = create_body(inspect)
    pools = {pool.get("Subnet"): pool for pool in made["IPAM"]["Config"]}
    in_order = [pools.get(pool["Subnet"], {}) for pool in body["IPAM"]["Config"]]
    wanted, made = flat(body), flat(made | {"IPAM": made["IPAM"] | {"Config": in_order}})
    return compared(wanted, made, wanted.keys())


def compared(wanted: dict[str, Any], made: dict[str, Any], names: Iterable[str]) -> list[str]:
    return [
        f"{name} was to be {shown(wanted.get(name))} and is {shown(made.get(name))}."
        for name in sorted(names)
        if (wanted.get(name) or None) != (made.get(name) or None)
    ]


def flat(body: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"IPAM.Config.0.Subnet": …}`: a value for each place in a body."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        pairs = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(pairs, dict):
            found |= flat({str(key): inner for key, inner in pairs.items()}, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def shown(value: Any) -> str:
    return "nothing" if value in (None, "") else f"“{value}”"
