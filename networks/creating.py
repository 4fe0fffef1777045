"""Creating a network: everything is looked at first, and what was made is compared."""

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from accounts.audit import audited
from containermonkey.problems import Conflict, Invalid, NotFound, Problem
from engine import Docker, engine
from engine.identity import OWN_PREFIX
from engine.names import REFERENCE
from networks.addresses import address_in, faults_of_pools, subnet_in, taken_by
from networks.fidelity import unmet
from networks.mapping import network_of
from networks.queries import networks_of
from networks.services import BUILT_IN
from networks.types import Network, Pool

LONGEST_NAME = 200
MOST_POOLS = 16
MOST_PAIRS = 100
LONGEST_TEXT = 1000

LONGEST_WAIT = 10.0
"""Seconds within which a swarm has given a network its driver and addresses."""

LOOK_EVERY = 0.2

RESERVED_NAMES = (*BUILT_IN, "default")

ONE_ON_EACH_HOST = ("host", "null")
"""Drivers of which every host has its one network."""

NEEDS_A_SWARM = "overlay"

one_at_a_time = threading.Lock()
"""Held from the look at what is taken to the making: Docker makes several of one name."""

KEY = re.compile(r"[^\s=]+")


@dataclass(frozen=True, slots=True)
class NewNetwork:
    """What a network is to be. Nothing of it has been looked at yet."""

    name: str
    driver: str = "bridge"
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    pools: list[Pool] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Created:
    """The network as it is, and every way in which it is not what was asked for."""

    network: Network
    report: list[str]


def create_network(wanted: NewNetwork) -> Created:
    """Make a network.

    Raise Invalid with what is wrong with which field, Conflict where name or addresses are taken.
    A pool's field is called `ipam.config.<number>.<field>`. What was made and cannot be looked at
    is removed again, or said to be there.
    """
    with audited("network.create", wanted.name[:LONGEST_NAME], driver=wanted.driver[:80]):
        with engine() as docker:
            refuse_faults(wanted, drivers_of(docker))
            body = create_body_of(wanted)
            with one_at_a_time:
                refuse_taken(wanted, networks_of(docker, hidden=True))
                network_id = docker.create_network_from_body(body)
            made = looked_at(docker, network_id, wanted.name)
        return Created(network_of(made, []), unmet(body, made))


def looked_at(docker: Docker, network_id: str, name: str) -> dict[str, Any]:
    """The inspect of a network that was just made. Raise what kept it from being looked at."""
    try:
        with engine():
            return inspect_when_ready(docker, network_id)
    except Problem as problem:
        raise type(problem)(f"{what_became(docker, network_id, name)} {problem}") from problem


def what_became(docker: Docker, network_id: str, name: str) -> str:
    """Remove what cannot be looked at; a sentence that says whether it is there."""
    try:
        with engine():
            docker.remove_network(network_id)
    except NotFound:
        return f"The network {name} was made, and is gone already."
    except Problem:
        return f"The network {name} was made and is there, but could not be looked at."
    return f"The network {name} was not kept, because it could not be looked at."


def inspect_when_ready(docker: Docker, network_id: str) -> dict[str, Any]:
    """The inspect of a network that was just made; a swarm fills its own in a moment later."""
    until = time.monotonic() + LONGEST_WAIT
    while not (made := docker.inspect_network(network_id))["Driver"] and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
    return made


def offered_drivers() -> list[str]:
    """The drivers with which a network can be made on this Engine, the usual one first."""
    with engine() as docker:
        return drivers_of(docker)


def drivers_of(docker: Docker) -> list[str]:
    info = docker.info()
    swarm = info.get("Swarm") or {}
    is_manager = swarm.get("LocalNodeState") == "active" and swarm.get("ControlAvailable")
    found = [
        driver
        for driver in (info.get("Plugins") or {}).get("Network") or []
        if driver not in ONE_ON_EACH_HOST and (is_manager or driver != NEEDS_A_SWARM)
    ]
    return sorted(found, key=lambda driver: (driver != "bridge", driver))


def refuse_faults(wanted: NewNetwork, drivers: list[str]) -> None:
    """Raise Invalid with everything that is wrong in itself."""
    faults = {
        "name": fault_of_name(wanted.name),
        "driver": fault_of_driver(wanted.driver, drivers),
        "ipam.config": f"At most {MOST_POOLS}." if len(wanted.pools) > MOST_POOLS else None,
        "options": fault_of_pairs(wanted.options),
        "labels": fault_of_pairs(wanted.labels) or fault_of_labels(wanted.labels),
    }
    found = {name: words for name, words in faults.items() if words}
    pools = faults_of_pools(wanted.pools[:MOST_POOLS], driver=wanted.driver, ipv6=wanted.ipv6)
    found |= {f"ipam.config.{place}": words for place, words in pools.items()}
    if found:
        told = " ".join(f"{name}: {words}" for name, words in found.items())
        raise Invalid(f"The network cannot be made like this. {told}", fields=found)


def fault_of_name(name: str) -> str | None:
    if not name:
        return "A network needs a name."
    if len(name) > LONGEST_NAME or not REFERENCE.fullmatch(name):
        return f"Letters, digits, or any of _ . - after the first; at most {LONGEST_NAME}."
    if name in RESERVED_NAMES:
        return f"{name} is a name of Docker’s own."
    return None


def fault_of_driver(driver: str, drivers: list[str]) -> str | None:
    if driver in drivers:
        return None
    if driver == NEEDS_A_SWARM:
        return "An overlay needs a swarm, and this Engine does not manage one."
    return f"This Engine makes networks with {', '.join(drivers)}."


def fault_of_pairs(pairs: dict[str, str]) -> str | None:
    """What is wrong with keys and values, be they options or labels."""
    if len(pairs) > MOST_PAIRS:
        return f"At most {MOST_PAIRS}."
    for key, value in pairs.items():
        if not KEY.fullmatch(key) or not key.isprintable():
            return f"A key is one word without “=”; “{key[:80]}” is none."
        if len(key) + len(value) > LONGEST_TEXT or "\0" in value:
            return f"{key[:80]} is longer than {LONGEST_TEXT} characters, or no text."
    return None


def fault_of_labels(labels: dict[str, str]) -> str | None:
    ours = next((key for key in labels if key.startswith(OWN_PREFIX)), None)
    return f"{ours[:80]} is a label of Container Monkey’s own." if ours else None


def refuse_taken(wanted: NewNetwork, networks: list[Network]) -> None:
    """Raise Conflict where another network has the name, or addresses that are wanted."""
    scope = "swarm" if wanted.driver == NEEDS_A_SWARM else "local"
    found = {}
    if any(network.name == wanted.name for network in networks):
        found["name"] = f"There is a network named {wanted.name}."
    for number, pool in enumerate(wanted.pools):
        subnet = subnet_in(pool.subnet)
        if subnet and (words := taken_by(subnet, networks, scope=scope)):
            found[f"ipam.config.{number}.subnet"] = words
    if found:
        raise Conflict(" ".join(found.values()), fields=found)


def create_body_of(wanted: NewNetwork) -> dict[str, Any]:
    """The body of `POST /networks/create`."""
    return {
        "Name": wanted.name,
        "CheckDuplicate": True,
        "Driver": wanted.driver,
        "Internal": wanted.internal,
        "Attachable": wanted.attachable,
        "EnableIPv6": wanted.ipv6,
        "IPAM": {"Driver": "default", "Config": [config_of(pool) for pool in wanted.pools]},
        "Options": wanted.options,
        "Labels": wanted.labels,
    }


def config_of(pool: Pool) -> dict[str, str]:
    """A pool that was looked at, in the spelling in which the Engine gives it back."""
    named = {
        "Subnet": subnet_in(pool.subnet),
        "Gateway": address_in(pool.gateway),
        "IPRange": subnet_in(pool.ip_range),
    }
    return {name: str(value) for name, value in named.items() if value}
