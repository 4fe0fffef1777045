"""A compose file as the plugin has understood it: what of it a plan needs to know."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml

from stacks.deploy.reading import Loader

SHORT_PORT = re.compile(
    r"(?:(?P<ip>.*):)?(?P<published>\d+(?:-\d+)?):(?P<target>\d+(?:-\d+)?)(?:/(?P<protocol>\w+))?"
)
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what is published, by no choice of ours

MOST_PORTS = 2000
"""Ports of a service that are looked at: a range may be of all there are."""


@dataclass(frozen=True)
class HostPort:
    """A port of the host that a service takes; `ip` is empty for all addresses."""

    ip: str
    number: int
    protocol: str

    def __str__(self) -> str:
        address = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{address or '0.0.0.0'}:{self.number}/{self.protocol}"  # noqa: S104

    def meets(self, other: "HostPort") -> bool:
        """Whether only one of the two can be had."""
        if (self.number, self.protocol) != (other.number, other.protocol):
            return False
        return self.ip == other.ip or self.ip in EVERYWHERE or other.ip in EVERYWHERE


@dataclass(frozen=True)
class Wanted:
    """A volume or network that the file needs, by the name that it has on the host."""

    name: str
    external: bool


@dataclass(frozen=True)
class Understood:
    """The file by its plain members."""

    project: str
    compose: Mapping[str, Any]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Those that are started: not those of a profile, which nobody has chosen."""
        found = self.compose.get("services") or {}
        return {name: each for name, each in found.items() if not each.get("profiles")}

    @property
    def volumes(self) -> list[Wanted]:
        return [*self._named(self.compose.get("volumes") or {})]

    @property
    def networks(self) -> list[Wanted]:
        """Those that services are on, with the one that compose makes by itself."""
        described = dict(self.compose.get("networks") or {})
        for service in self.services.values():
            if not service.get("networks") and not service.get("network_mode"):
                described.setdefault("default", None)
        return [*self._named(described)]

    def _named(self, described: Mapping[str, Any]) -> Iterator[Wanted]:
        for key, each in described.items():
            options = each or {}
            external = options.get("external")
            inner = external.get("name") if isinstance(external, dict) else None
            default = key if external else f"{self.project}_{key}"
            yield Wanted(str(options.get("name") or inner or default), bool(external))


def understood(project: str, config: str) -> Understood:
    """What the plugin's `config` has put out."""
    found = yaml.load(config, Loader)  # noqa: S506 - a safe loader
    return Understood(project, found if isinstance(found, dict) else {})


def number_of(service: Mapping[str, Any]) -> int:
    """How many containers a service is to have."""
    wanted = (service.get("deploy") or {}).get("replicas", service.get("scale", 1))
    return wanted if isinstance(wanted, int) else 1


def ports_of(service: Mapping[str, Any]) -> list[HostPort]:
    """The ports of the host that a service takes, as far as the file says which."""
    found = (port for each in service.get("ports") or [] for port in host_ports(each))
    return list(islice(found, MOST_PORTS))


def host_ports(port: Any) -> Iterable[HostPort]:
    if isinstance(port, Mapping):
        ip, published = str(port.get("host_ip") or ""), str(port.get("published") or "")
        protocol = str(port.get("protocol") or "tcp")
    elif match := SHORT_PORT.fullmatch(str(port)):
        ip, published = (match["ip"] or "").strip("[]"), match["published"]
        protocol = match["protocol"] or "tcp"
    else:
        return
    first, _, last = published.partition("-")
    if first.isdecimal() and (last or first).isdecimal():
        for number in range(int(first), min(int(last or first), 65535) + 1):
            yield HostPort(ip, number, protocol)
