"""Whether a network that was made is the one that was wanted."""

from typing import Any

from networks.services import create_body


def differences(body: dict[str, Any], inspect: dict[str, Any]) -> list[str]:
    """Every way in which a network differs from the create body it was made from, in sentences."""
    wanted, made = flat(body), flat(create_body(inspect))
    return [
        f"{name} was to be {shown(wanted.get(name))} and is {shown(made.get(name))}."
        for name in sorted(wanted.keys() | made.keys())
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
