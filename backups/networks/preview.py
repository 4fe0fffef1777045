"""Looking into a network's archive."""

from collections.abc import Iterator
from typing import Any

from accounts.masks import visible_pairs
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.networks.manifest import ArchivedNetwork, read_network
from backups.networks.plan import NetworkOptions, plan_network_restore
from backups.preview import conflicts_met
from backups.records import info_of
from backups.services import find_backup
from networks.services import create_body


def saved_network(filename: str) -> ArchivedNetwork:
    """The network in a backup. Raise NotFound, DamagedArchive."""
    with ArchiveReader(archive_path(filename)) as archive:
        return read_network(archive)


def facts(saved: ArchivedNetwork) -> list[tuple[str, str]]:
    """What a network is made from, as lines of a name and a value."""
    body = create_body(saved.inspect)
    lines = [("Driver", body.get("Driver")), *ipam_facts(body["IPAM"])]
    lines += [(word, "yes") for field, word in FLAGS.items() if body.get(field)]
    lines.append(("Settings from", (body.get("ConfigFrom") or {}).get("Network")))
    options, labels = (visible_pairs(body.get(part) or {}) for part in ("Options", "Labels"))
    lines += [(f"Option {name}", value) for name, value in options.items()]
    lines += [(f"Label {name}", value) for name, value in labels.items()]
    return [(name, value) for name, value in lines if value]


def ipam_facts(ipam: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if ipam["Driver"] != "default":
        yield "Addresses from", ipam["Driver"]
    for pool in ipam["Config"]:
        yield from ((word, pool[field]) for field, word in POOL.items() if pool.get(field))
        kept = (pool.get("AuxiliaryAddresses") or {}).items()
        yield from ((f"Kept for {name}", address) for name, address in kept)


FLAGS = {
    "Internal": "Internal",
    "Attachable": "Attachable",
    "EnableIPv6": "IPv6",
    "Ingress": "Ingress",
    "ConfigOnly": "Settings only",
}
POOL = {"Subnet": "Subnet", "Gateway": "Gateway", "IPRange": "Range"}


def network_preview(filename: str) -> dict[str, Any]:
    """A network's backup in the form in which a container's is shown: without container or files,
    and what would be in the way of restoring it as it was."""
    saved_network(filename)
    return {
        **vars(info_of(find_backup(filename))),
        "container": None,
        "files": [],
        "files_total": 0,
        "conflicts": conflicts_met(
            lambda: plan_network_restore(filename, NetworkOptions()).in_words()
        ),
    }
