"""What can be chosen for a backup and for a restore, checked."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from containermonkey.problems import Invalid
from engine.names import REFERENCE

Consistency = Literal["none", "pause", "stop"]
OnConflict = Literal["fail", "replace", "rename"]


@dataclass(frozen=True)
class BackupOptions:
    """`consistency`: what happens to the container while its data is read."""

    consistency: Consistency = "none"
    include_image: bool = False
    include_bind_mounts: bool = False

    def __post_init__(self) -> None:
        if self.consistency not in ("none", "pause", "stop"):
            raise Invalid(
                "The consistency must be none, pause or stop.",
                fields={"consistency": "must be none, pause or stop"},
            )

    def as_arguments(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class RestoreOptions:
    """How a backup is to come back.

    `overwrite_volumes`: True replaces the content of volumes that exist, False keeps it, None
    leaves the question open: an existing volume is then a conflict. `port_overrides` maps a
    container port (`80/tcp`) to a host port. `on_conflict`: `replace` puts the restored container
    in the place of the one that has its name, `rename` takes free names for the container and
    for its volumes. `start` None: as it was when it was backed up.
    """

    new_name: str = ""
    port_overrides: dict[str, int] = field(default_factory=dict)
    overwrite_volumes: bool | None = None
    on_conflict: OnConflict = "fail"
    start: bool | None = None

    @property
    def replaces(self) -> bool:
        """Whether something that is there may be lost by it; that takes a right of its own."""
        return self.on_conflict == "replace" or bool(self.overwrite_volumes)

    def __post_init__(self) -> None:
        fields = {}
        if self.new_name and not REFERENCE.fullmatch(self.new_name):
            fields["new_name"] = (
                "letters, digits, “_”, “.” and “-”, beginning with a letter or digit"
            )
        if len(self.new_name) > 200:
            fields["new_name"] = "at most 200 characters"
        if self.on_conflict not in ("fail", "replace", "rename"):
            fields["on_conflict"] = "must be fail, replace or rename"
        for port, host_port in self.port_overrides.items():
            if not is_container_port(port):
                fields[f"port_overrides.{port[:40]}"] = "must look like 80/tcp"
            elif isinstance(host_port, bool) or not 1 <= host_port <= 65535:
                fields[f"port_overrides.{port[:40]}"] = "must be a port from 1 to 65535"
        if fields:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in fields.items())
            raise Invalid(f"The options of the restore are not valid: {reasons}.", fields=fields)

    def as_arguments(self) -> dict[str, Any]:
        return asdict(self)


def is_container_port(text: str) -> bool:
    """Whether `text` is a port of a container as the Engine writes it: `80/tcp`."""
    number, _, protocol = text.partition("/")
    return (
        number.isascii()
        and number.isdigit()
        and 1 <= int(number[:6]) <= 65535
        and protocol in ("tcp", "udp", "sctp")
    )
