"""Making a volume by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from accounts.audit import audited, require
from containermonkey.problems import Conflict, Invalid
from engine import Docker, engine
from engine.identity import OWN_PREFIX
from engine.names import shortened
from volumes.listing import volume_of
from volumes.protected import OwnData, host_folders, reason_against_folder
from volumes.types import Volume

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}", re.ASCII)
"""What the Engine takes for a volume's name; it sets no end to its length, file systems do."""

NAME_RULE = "at least two letters, digits, or any of _ . - after the first, and at most 255"

MOST_PAIRS = 100
LONGEST_VALUE = 4096


@dataclass(frozen=True)
class NewVolume:
    """A volume that is asked for; `options` are the driver's. Raise Invalid for what cannot be."""

    name: str
    driver: str = "local"
    options: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fields = {}
        if not NAME.fullmatch(self.name):
            fields["name"] = NAME_RULE
        for title, pairs in (("options", self.options), ("labels", self.labels)):
            if wrong := next(what_is_wrong(pairs), None):
                fields[title] = wrong
        if any(name.startswith(OWN_PREFIX) for name in self.labels):
            fields["labels"] = f"labels that begin with {OWN_PREFIX} are this program's own"
        if fields:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in fields.items())
            raise Invalid(f"The volume cannot be made: {reasons}.", fields=fields)

    def as_body(self) -> dict[str, Any]:
        """The body of `POST /volumes/create`."""
        return {
            "Name": self.name,
            "Driver": self.driver,
            "DriverOpts": self.options,
            "Labels": self.labels,
        }


def what_is_wrong(pairs: dict[str, str]) -> Iterator[str]:
    if len(pairs) > MOST_PAIRS:
        yield f"at most {MOST_PAIRS}"
    for name, value in pairs.items():
        if not name.strip():
            yield "each needs a name"
        if len(name) + len(value) > LONGEST_VALUE:
            yield f"{shortened(name)} is longer than {LONGEST_VALUE} characters"
        if not (name + value).isprintable():
            yield f"{shortened(name)} holds characters that cannot be seen"


def volume_drivers() -> list[str]:
    """The drivers that the Engine offers for volumes."""
    with engine() as docker:
        return drivers_of(docker)


def drivers_of(docker: Docker) -> list[str]:
    return (docker.info().get("Plugins") or {}).get("Volume") or ["local"]


def create_volume(wanted: NewVolume) -> Volume:
    """Make a volume.

    Raise Invalid for a driver that the Engine does not have, for options that it refuses or that
    lead into the host's own folders, and Conflict where the name is taken.
    """
    if wanted.options or wanted.driver != "local":
        require("volume.create_with_options", wanted.name)
    # Options are not written down: a share's password may be among them.
    with audited("volume.create", wanted.name, driver=wanted.driver), engine() as docker:
        refuse_unknown_driver(docker, wanted.driver)
        refuse_taken_name(docker, wanted.name)
        refuse_folders(docker, wanted)
        return volume_of(made(docker, wanted), [], None)


def refuse_unknown_driver(docker: Docker, driver: str) -> None:
    known = drivers_of(docker)
    if driver not in known:
        reason = f"must be one that the Engine has: {', '.join(known)}"
        raise Invalid(f"The driver {reason}.", fields={"driver": reason})


def refuse_taken_name(docker: Docker, name: str) -> None:
    """Raise Conflict where a volume has the name: the Engine would give that one as if new."""
    if docker.find_volume(name):
        raise taken(name)


def taken(name: str) -> Conflict:
    reason = f"There is a volume named {name} already."
    return Conflict(reason, fields={"name": reason})


def refuse_folders(docker: Docker, wanted: NewVolume) -> None:
    """Raise Invalid where the volume would stand for one of the host's own folders."""
    own, job = OwnData.of(docker), str(uuid4())
    for folder in host_folders({"Driver": wanted.driver, "Options": wanted.options}):
        if why := reason_against_folder(docker, folder, own, job):
            reason = f"It cannot stand for {shortened(folder)}. {why}"
            raise Invalid(reason, fields={"options": reason})


def made(docker: Docker, wanted: NewVolume) -> dict[str, Any]:
    """What the Engine has made, compared with what was asked for.

    Raise Conflict where somebody else was quicker: the Engine gives theirs instead.
    """
    try:
        with engine():
            found = docker.create_volume_from_body(wanted.as_body())
    except Invalid as problem:
        raise Invalid(str(problem), fields={"options": str(problem)}) from problem
    asked = (wanted.driver, wanted.options, wanted.labels)
    if asked != (found["Driver"], found.get("Options") or {}, found.get("Labels") or {}):
        raise taken(wanted.name)
    return found
