"""Deleting networks: one, several, or all that nobody uses."""

from dataclasses import dataclass

from accounts.audit import audited
from containermonkey.problems import Problem
from containermonkey.several import MOST, each_once
from engine import engine, refuse_unreachable
from networks.host import Host, current_host, look_around
from networks.types import Network


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several; `error` is a sentence, None where it went well."""

    id: str
    success: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """The networks that nobody used, and what came of each; nothing yet where it was only asked."""

    networks: list[Network]
    results: list[Result]


def delete_network(reference: str) -> Network:
    """Delete a network by id, unambiguous prefix or name; what it was.

    Raise NotFound, NotAllowed for one that Container Monkey itself is on, or Conflict for one of
    Docker's own and for one that containers are on, naming them. Those that are stopped count too:
    without it they would not start any more.
    """
    with engine() as docker:
        host = look_around(docker)
        network = host.find(reference)
        with audited("network.delete", network.name, id=network.id[:12]), engine():
            host.refuse_kept(network)
            docker.remove_network(network.id)
    return network


def deletable_network(reference: str) -> Network:
    """The network that is asked to be deleted. Raise as `delete_network` would."""
    host = current_host()
    network = host.find(reference)
    host.refuse_kept(network)
    return network


def delete_networks(references: list[str]) -> list[Result]:
    """Delete several; one that cannot be deleted stops no other.

    Raise Invalid for none or more than `MOST`, EngineUnreachable where it is away from the start.
    """
    asked = each_once(references, field="ids", things="networks", most=MOST)
    refuse_unreachable()
    return [result_of(reference) for reference in asked]


def result_of(reference: str) -> Result:
    try:
        delete_network(reference)
    except Problem as problem:
        return Result(reference, success=False, error=str(problem))
    return Result(reference, success=True)


def chosen_networks(references: list[str]) -> list[tuple[Network, str | None]]:
    """Those that are asked to be deleted and are there, each with why it will stay, if so."""
    host = current_host()
    wanted = set(references)
    found = [each for each in host.networks if {each.id, each.name} & wanted]
    return [(network, reason_in_words(host, network)) for network in found]


def reason_in_words(host: Host, network: Network) -> str | None:
    problem = host.why_kept(network)
    return str(problem) if problem else None


def unused_networks() -> list[Network]:
    """The networks that no container, running or not, and no service is on, by name.

    Docker's own, the swarm's, ours, those of jobs and those that hold settings for others are not
    among them.
    """
    host = current_host()
    found = [network for network in host.networks if host.is_unused(network)]
    return sorted(found, key=lambda network: network.name.casefold())


def prune_networks(ids: list[str] | None = None) -> Pruned:
    """Delete the networks that nobody uses: all of them, or of those with these whole ids.

    Each is judged anew: one that somebody uses by now stays and has its reason.
    """
    with audited("network.prune", "unused networks") as details:
        unused = unused_networks()
        asked = None if ids is None else set(ids)
        results = [
            result_of(network.id) for network in unused if asked is None or network.id in asked
        ]
        known = {network.id for network in unused}
        results += [not_unused(each) for each in dict.fromkeys(ids or []) if each not in known]
        details["deleted"] = sum(1 for result in results if result.success)
    done = {result.id for result in results}
    return Pruned([network for network in unused if network.id in done], results)


def not_unused(reference: str) -> Result:
    """One that was shown as unused, and is not among those any more."""
    try:
        network = deletable_network(reference)
    except Problem as problem:
        return Result(reference, success=False, error=str(problem))
    return Result(reference, success=False, error=f"The network {network.name} is not unused.")
