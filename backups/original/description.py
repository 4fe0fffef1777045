"""What an archive of the original says of its container, and in which file the data of each mount
must be."""

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backups.archive.errors import DamagedArchive
from backups.archive.index import parse_object
from backups.original.entries import OuterFile, files_of
from backups.original.trees import ROOTS
from backups.shapes import CONTAINER, check
from backups.sources import Skipped, Source, key_of, name_of
from volumes.queries import is_anonymous

CONFIG = "container_config.json"
METADATA = "backup_metadata.json"
VOLUME = re.compile(r"volumes/([^/]+)_metadata\.json")

LIMITS = {CONFIG: 16 << 20, METADATA: 1 << 20}
"""Bytes that a document may have; what the original wrote is some KiB."""

VOLUME_LIMIT = 4 << 10
MOST_FILES = 10_000
"""Files in one archive; the original made two for each mount, and nine others."""

SHARED = (
    "Several mounts were written into one file, one over the other, so that it cannot be told "
    "whose data it holds. The original archive still has it."
)


@dataclass(frozen=True)
class Place:
    """A mount that may have data: where that goes, and the file in which it must be.

    `roots` are the names that its root may have there; `shared`: several were written into it.
    """

    source: Source
    filename: str
    roots: tuple[bytes, ...]
    shared: bool = False


@dataclass(frozen=True)
class Description:
    """A container and its mounts, as the archive tells.

    `places` are by the file in which the data of each must be; of `skipped` nothing can be had.
    """

    inspect: dict[str, Any]
    created: datetime
    places: dict[str, Place]
    skipped: list[Skipped]


def describe(path: Path) -> Description:
    """What an archive says of itself. Raise DamagedArchive where it is broken or odd."""
    texts, mtime = read_texts(path)
    if CONFIG not in texts:
        raise DamagedArchive(f"The archive has no {CONFIG}.")
    inspect = parse_object(texts[CONFIG], CONFIG)
    check(CONTAINER, inspect, f"The archive's {CONFIG} does not describe a container.")
    places, skipped = places_of(inspect, texts)
    shared = Counter(place.filename for place in places)
    skipped += [lost(place, SHARED) for place in places if shared[place.filename] > 1]
    alone = {place.filename: place for place in places if shared[place.filename] == 1}
    return Description(inspect, created_in(texts, mtime), alone, skipped)


def read_texts(path: Path) -> tuple[dict[str, bytes], float]:
    """The documents in an archive by their names, and when the container's was written."""
    texts: dict[str, bytes] = {}
    seen: set[str] = set()
    mtime = 0.0
    with path.open("rb") as file:
        for entry in files_of(file):
            if entry.name in seen or len(seen) == MOST_FILES:
                raise DamagedArchive("The archive has a file twice, or more than any container.")
            seen.add(entry.name)
            if (text := text_of(entry)) is not None:
                texts[entry.name] = text
            if entry.name == CONFIG:
                mtime = entry.mtime
    return texts, mtime


def text_of(entry: OuterFile) -> bytes | None:
    """The content of a document; None for other files. Raise DamagedArchive for a huge one."""
    if VOLUME.fullmatch(entry.name):
        return entry.content.read() if entry.content.size <= VOLUME_LIMIT else None
    if entry.name not in LIMITS:
        return None
    if entry.content.size > LIMITS[entry.name]:
        raise DamagedArchive(f"The archive's {entry.name} is larger than it can be.")
    return entry.content.read()


def created_in(texts: dict[str, bytes], mtime: float) -> datetime:
    """When the backup was made. The original wrote no time zone; its image had UTC."""
    try:
        date = parse_object(texts[METADATA], METADATA)["backup_date"]
        made = datetime.fromisoformat(date)
    except (KeyError, TypeError, ValueError, DamagedArchive):
        made = datetime.fromtimestamp(max(mtime, 0), UTC)
    return made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)


def places_of(
    inspect: dict[str, Any], texts: dict[str, bytes]
) -> tuple[list[Place], list[Skipped]]:
    """The mounts that may have data, each once, and those that never have any."""
    places: dict[tuple[str, str], Place] = {}
    skipped = []
    for mount in inspect.get("Mounts") or []:
        kind, name, destination = mount["Type"], name_of(mount), mount["Destination"]
        known = places.get((kind, name))
        if kind not in ("volume", "bind"):
            reason = f"A mount of the type {kind} has no content that could be read."
            skipped.append(Skipped(kind, name, destination, reason))
        elif known:
            source = replace(known.source, destinations=(*known.source.destinations, destination))
            places[kind, name] = replace(known, source=source)
        elif kind == "volume":
            places[kind, name] = volume_place(mount, texts)
        else:
            places[kind, name] = folder_place(name, destination)
    return list(places.values()), skipped


def volume_place(mount: dict[str, Any], texts: dict[str, bytes]) -> Place:
    name, destination = name_of(mount), mount["Destination"]
    anonymous = is_anonymous(name)
    source = Source(
        key=key_of("volume", name, destination if anonymous else name),
        type="volume",
        name=name,
        destinations=(destination,),
        anonymous=anonymous,
        volume=volume_of(name, mount, texts.get(f"volumes/{name}_metadata.json", b"{}")),
    )
    return Place(source, f"volumes/{name}_data.tar.gz", ROOTS)


def volume_of(name: str, mount: dict[str, Any], text: bytes) -> dict[str, Any]:
    """A volume in the Engine's form; the original did not keep labels."""
    try:
        told = parse_object(text, "")
    except DamagedArchive:
        told = {}
    driver = told.get("driver") or mount.get("Driver") or "local"
    return {"Name": name, "Driver": driver, "Options": told.get("options") or {}, "Labels": {}}


def folder_place(path: str, destination: str) -> Place:
    leaf = posixpath.basename(path)
    source = Source(key_of("bind", path, path), "bind", path, (destination,))
    return Place(source, f"volumes/bind_{leaf}_data.tar.gz", (leaf.encode(),))


def lost(place: Place, reason: str) -> Skipped:
    """A mount that comes back without its data, and why."""
    source = place.source
    return Skipped(source.type, source.name, source.destinations[0], reason, source.volume)
