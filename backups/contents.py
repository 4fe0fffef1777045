"""Single files and folders of a backup, without unpacking it."""

from collections.abc import Iterator

from isal import isal_zlib

from backups.archive.extract import content, subtree
from backups.archive.listing import Located, unescape
from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.services import find_backup
from containermonkey.downloads import Content
from containermonkey.problems import Invalid, NotFound
from engine.names import shortened

LEVEL = 2
GZIP = 31
"""The window bits that stand for gzip's head and tail around deflated data."""


def content_of(filename: str, path: str) -> Content:
    """A file or folder of a backup; `path` as its list of files has it: `/<key>/folder/file`.

    Raise NotFound if there is no such backup or file, Invalid for what is neither file nor folder.
    """
    find_backup(filename)
    key, _, inner = path.strip("/").partition("/")
    with ArchiveReader(archive_path(filename)) as archive:
        place = located(archive, key, f"/{inner}")
        name = name_of(archive, key, f"/{inner}")
    if place.file.type == "directory":
        return Content(f"{name}.tar.gz", None, lambda: packed(filename, key, place, name))
    return Content(name, place.file.size, lambda: unpacked(filename, key, place))


def located(archive: ArchiveReader, key: str, path: str) -> Located:
    """Where a file or folder of a volume is; of a further name of a file, where the file is."""
    found = archive.locate(key, path).get(path)
    if found and found.file.type == "hard link" and found.file.target:
        found = archive.locate(key, found.file.target).get(found.file.target)
    if found is None:
        raise NotFound(f"The backup holds no {shortened(path)}.")
    if found.file.type not in ("file", "directory"):
        raise Invalid(f"Only files and folders can be taken out; this is a {found.file.type}.")
    return found


def name_of(archive: ArchiveReader, key: str, path: str) -> str:
    """What to call it outside of the archive; a whole volume by the volume's own name."""
    if leaf := path.rpartition("/")[2]:
        return unescape(leaf.encode()).decode("utf-8", "replace")
    sources = archive.manifest.get("sources") or []
    names = [str(source["name"]) for source in sources if source.get("key") == key]
    return (names[0].rstrip("/").rpartition("/")[2] if names else "") or key


def unpacked(filename: str, key: str, place: Located) -> Iterator[bytes]:
    """The content of a file."""
    with ArchiveReader(archive_path(filename)) as archive:
        yield from content(archive, key, place)


def packed(filename: str, key: str, place: Located, name: str) -> Iterator[bytes]:
    """A folder as a gzipped tar."""
    gzip = isal_zlib.compressobj(LEVEL, wbits=GZIP)
    with ArchiveReader(archive_path(filename)) as archive:
        for piece in subtree(archive, key, place, name.encode()):
            if compressed := gzip.compress(piece):
                yield compressed
    yield gzip.flush()
