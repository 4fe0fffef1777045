"""Which data in an archive of the original is sound: all of it is read before any is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from backups.archive.errors import DamagedArchive, DamagedStream
from backups.archive.index import parse_json
from backups.archive.names import PrefixNames, TreeNames
from backups.archive.rename import rename_entries
from backups.archive.tarheads import DIRECTORY, Buffer, Entry
from backups.archive.tarwalk import TarWalker
from backups.original.description import Description, Place, lost
from backups.original.entries import Content, files_of
from backups.original.trees import Lost, image_tar, tree_of, walked
from backups.sources import Skipped, Source
from containermonkey import figures

IMAGE = "image.tar"
IMAGE_MANIFEST = b"manifest.json"
LONGEST_IMAGE_MANIFEST = 1 << 20
MOST_OF_GZIP = 1032
MISSING = "The original Container Monkey kept nothing of it."


@dataclass
class Judgement:
    """What can be brought over: sources by the file of their data, and what comes back empty.

    `tags` are the image's, None where there is no sound one, for the reason `without_image`.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    tags: list[str] | None = None
    without_image: str = ""


def judge(path: Path, description: Description) -> Judgement:
    """Read all data of an archive. Raise DamagedArchive where the archive itself is broken."""
    found = Judgement(skipped=list(description.skipped))
    left, bound = dict(description.places), Bound(path.stat().st_size)
    with path.open("rb") as file:
        for entry in files_of(file):
            if entry.name == IMAGE:
                judge_image(found, entry.content)
            elif place := left.pop(entry.name, None):
                judge_place(found, place, entry.content, bound)
    found.skipped += [lost(place, MISSING) for place in left.values()]
    return found


class Bound:
    """To how many bytes the data of one archive may unpack, all of it together.

    What gzip holds is at most 1,032 times its size; but here it is in a gzip file once more, and a
    few KiB may stand for a terabyte, which would be read for hours.
    """

    def __init__(self, archive_size: int) -> None:
        self.most = self.left = max(settings.LARGEST_IMPORT, MOST_OF_GZIP * archive_size)

    def over(self, pieces: Iterable[Buffer]) -> Iterator[Buffer]:
        """The pieces as they are. Raise DamagedArchive where all come to more than they may."""
        for piece in pieces:
            self.left -= len(piece)
            if self.left < 0:
                raise DamagedArchive(f"The archive unpacks to more than {figures.size(self.most)}.")
            yield piece


def judge_place(found: Judgement, place: Place, content: Content, bound: Bound) -> None:
    """Say of the data of a mount whether it is sound, or why it is lost."""
    entries = Entries()
    key = place.source.key
    try:
        tree = tree_of(content, key, place.roots)
        walked(bound.over(tree), TreeNames(f"volumes/{key}").check, entries.take)
        if entries.root is None:
            raise Lost("Its data holds nothing, not even the folder itself.")
        is_file = entries.root.kind != DIRECTORY
        if is_file and place.source.type == "volume":
            raise Lost("Its data is that of a single file.")
    except Lost as reason:
        found.skipped.append(lost(place, str(reason)))
    except DamagedStream as error:
        found.skipped.append(lost(place, f"Its data is damaged. {error}"))
    else:
        found.sources[place.filename] = replace(place.source, file=is_file)


class Entries:
    """Remembers the first entry of a tree."""

    root: Entry | None = None

    def take(self, entry: Entry) -> None:
        self.root = self.root or entry


def judge_image(found: Judgement, content: Content) -> None:
    """Say of the image whether it is sound, and by which names it is known."""
    text = Text(IMAGE_MANIFEST)
    try:
        renamed = rename_entries(text.passing(image_tar(content)), lambda name: b"image/" + name)
        walked(renamed, PrefixNames("image").check)
    except (Lost, DamagedStream) as error:
        found.without_image = str(error)
    else:
        found.tags = tags_in(bytes(text.content))


def tags_in(text: bytes) -> list[str]:
    """The names that an image has in the manifest beside it; none where it cannot be read."""
    try:
        images = parse_json(text, IMAGE_MANIFEST.decode())
        tags = images[0]["RepoTags"] or []
    except (DamagedArchive, IndexError, KeyError, TypeError):
        return []
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


class Text:
    """Keeps the content of one small file of a tar that passes by."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.content = bytearray()

    def passing(self, stream: Iterable[Buffer]) -> Iterator[Buffer]:
        walker, found = TarWalker(), None
        for block in stream:
            base = walker.position
            for entry in walker.feed(block):
                if entry.name == self.name and entry.size <= LONGEST_IMAGE_MANIFEST:
                    found = entry
            if found:
                end = found.data + found.size
                self.content += block[max(found.data - base, 0) : max(end - base, 0)]
            yield block
