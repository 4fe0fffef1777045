"""The README.txt in the archive of a network: how to bring it back without this program."""

from collections.abc import Iterator
from typing import Any

from backups.readme import command
from networks.services import create_body

TEXT = """\
This is a backup of the Docker network “{name}”, made by Container Monkey {version}
on {created}.

It is a plain .tar.gz. Container Monkey restores it with one click; this page says how to do it
with docker alone.

What is in it
-------------
backup/manifest.json     what this archive is
backup/networks.json     the network as `docker network inspect` shows it
backup/index.json        checksums

Bringing it back by hand
------------------------
     {command}

These containers were on it:
{containers}
"""

FLAGS = {
    "Internal": "--internal",
    "Attachable": "--attachable",
    "EnableIPv6": "--ipv6",
    "Ingress": "--ingress",
    "ConfigOnly": "--config-only",
}


def readme(manifest: dict[str, Any], inspect: dict[str, Any]) -> str:
    """The text for one archive, with the command for just its network."""
    network = manifest["network"]
    return TEXT.format(
        name=network["name"],
        version=manifest["program"]["version"],
        created=manifest["created"],
        command=command(*words_of(create_body(inspect))),
        containers="\n".join(f"     {name}" for name in network["containers"]) or "     none",
    )


def words_of(body: dict[str, Any]) -> Iterator[str]:
    """`docker network create` with everything that a create body says."""
    yield from ("docker", "network", "create")
    yield from (flag for field, flag in FLAGS.items() if body.get(field))
    if origin := (body.get("ConfigFrom") or {}).get("Network"):
        yield f"--config-from={origin}"
    if not body.get("ConfigOnly"):
        yield f"--driver={body.get('Driver') or 'bridge'}"
    if body.get("Scope", "local") != "local":
        yield f"--scope={body['Scope']}"
    yield from options("--opt", body.get("Options"))
    yield from options("--label", body.get("Labels"))
    yield from ipam_words(body.get("IPAM") or {})
    yield from ("--", body["Name"])


def ipam_words(ipam: dict[str, Any]) -> Iterator[str]:
    if ipam.get("Driver", "default") != "default":
        yield f"--ipam-driver={ipam['Driver']}"
    yield from options("--ipam-opt", ipam.get("Options"))
    for pool in ipam.get("Config") or []:
        for field, flag in (
            ("Subnet", "--subnet"),
            ("Gateway", "--gateway"),
            ("IPRange", "--ip-range"),
        ):
            if pool.get(field):
                yield f"{flag}={pool[field]}"
        yield from options("--aux-address", pool.get("AuxiliaryAddresses"))


def options(flag: str, pairs: dict[str, str] | None) -> Iterator[str]:
    for key, value in (pairs or {}).items():
        yield f"{flag}={key}={value}"
