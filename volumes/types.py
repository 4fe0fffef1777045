"""What the services of this app answer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class VolumeUse:
    """A container that mounts a volume, running or not, and where."""

    container: str
    destination: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class VolumeDetails:
    """A volume as the Engine knows it; `mountpoint` is a folder of the Docker host.

    `held` says that a job works with it at this moment, by a helper container; `looked_at` are
    those of people who look at its files, which make way for whatever is done with the volume.
    `own` says that it is Container Monkey's own: shown by a setting, and nothing more than that.
    """

    name: str
    driver: str
    scope: str
    mountpoint: str
    created: datetime | None
    stack: str | None
    labels: dict[str, str]
    options: dict[str, str]
    uses: list[VolumeUse]
    held: bool = False
    looked_at: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume in the list. `size` in bytes, None where it was not asked for or is not known."""

    name: str
    driver: str
    mountpoint: str
    created: datetime | None
    size: int | None
    in_use_by: list[str]
    labels: dict[str, str]
    stack: str | None


@dataclass(frozen=True, slots=True)
class SavedIn:
    """A good backup that holds the content of a volume; `container` is empty where that is all."""

    filename: str
    container: str
    created: datetime
