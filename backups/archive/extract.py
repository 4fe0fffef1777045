"""A file or folder out of an archive: its content, or a tar of it under another name.

Headers are written anew here and holes are filled, so this is for what a person picks out; a
whole volume goes on its way as it is stored.
"""

import tarfile
from collections.abc import Iterator, Mapping

from containermonkey.blocks import BlockFile

from .errors import DamagedArchive
from .listing import ListedFile, Located, unescape
from .reader import ArchiveReader
from .rename import padding
from .tarheads import END_OF_ARCHIVE

PIECE = 1 << 20

OWN_RECORDS = ("path", "linkpath", "size")
"""Records of a pax header that say what the new header says itself."""


def content(archive: ArchiveReader, key: str, located: Located) -> Iterator[bytes]:
    """The content of a located file, holes as zeros, in pieces of a MiB at most."""
    with opened(archive, key, located) as tar:
        info = tar.next()
        if info is None or not info.isreg():
            raise DamagedArchive("The archive's list of files does not belong to it.")
        yield from pieces_of(tar, info)


def subtree(archive: ArchiveReader, key: str, located: Located, name: bytes) -> Iterator[bytes]:
    """A located entry and all that is below it as a tar in which it is called `name`.

    A file that is a further name of one outside comes with that one's content.
    """
    outside = Outside(archive, key, located)
    stored = b"volumes/" + key.encode() + unescape(located.file.path.encode())
    names = Names(stored.rstrip(b"/"), name)
    with opened(archive, key, located) as tar:
        while info := tar.next():
            forget_read(tar)
            yield from entry(tar, info, names, outside)
    yield END_OF_ARCHIVE


class Names:
    """From names in the archive to names below the new one."""

    def __init__(self, stored: bytes, new: bytes) -> None:
        self.stored, self.new = text(stored), text(new)

    def has(self, name: str) -> bool:
        """Whether a name of the archive is one of those that are taken out."""
        return name == self.stored or name.startswith(self.stored + "/")

    def of(self, name: str) -> str:
        """The new name of one that is taken out."""
        return self.new + name.removeprefix(self.stored)


class Outside:
    """The files outside of a folder that have a further name inside it."""

    def __init__(self, archive: ArchiveReader, key: str, located: Located) -> None:
        self.archive, self.key = archive, key
        self._located = found_outside(archive, key, located)
        self._written: dict[str, str] = {}
        self._prefix = f"volumes/{key}"

    def first_name(self, target: str, name: str) -> str | None:
        """The new name under which a target was written already; else None, and it is `name`."""
        known = self._written.setdefault(target, name)
        return None if known == name else known

    def content(self, target: str) -> Iterator[bytes]:
        return content(self.archive, self.key, self._of(target))

    def size(self, target: str) -> int:
        return self._of(target).file.size

    def _of(self, target: str) -> Located:
        try:
            return self._located[target.removeprefix(self._prefix)]
        except KeyError:
            raise DamagedArchive("The archive has a link to a file that is not in it.") from None


def found_outside(archive: ArchiveReader, key: str, located: Located) -> Mapping[str, Located]:
    """Where the files are that are linked to from a folder and lie outside of it, by path."""
    root = located.file.path.rstrip("/")
    inside: Iterator[ListedFile] = iter([located.file])
    if located.file.type == "directory":
        inside = archive.files_below(key, located.file.path)
    wanted = {
        file.target
        for file in inside
        if file.type == "hard link" and file.target and not file.target.startswith(root + "/")
    }
    if not wanted:
        return {}
    found = archive.locate(key, *wanted)
    return {text(unescape(path.encode())): place for path, place in found.items()}


def opened(archive: ArchiveReader, key: str, located: Located) -> tarfile.TarFile:
    """The tar of a located entry, to be read from its beginning to its end."""
    source = BlockFile(archive.entries(key, located))
    return tarfile.open(fileobj=source, mode="r|", bufsize=PIECE, errors="surrogateescape")


def forget_read(tar: tarfile.TarFile) -> None:
    """Let go of the entries that have been read, which a TarFile keeps for those who go back."""
    vars(tar)["members"] = []


def entry(
    tar: tarfile.TarFile, info: tarfile.TarInfo, names: Names, outside: Outside
) -> Iterator[bytes]:
    """One entry under its new name, and its content."""
    info.name = names.of(info.name)
    source: Iterator[bytes] | None = None
    if info.isreg():
        source, info.type = pieces_of(tar, info), tarfile.REGTYPE
    elif info.islnk() and names.has(info.linkname):
        info.linkname = names.of(info.linkname)
    elif info.islnk():
        target = info.linkname
        known = outside.first_name(target, info.name)
        if known:
            info.linkname = known
        else:
            info.type, info.linkname, info.size = tarfile.REGTYPE, "", outside.size(target)
            source = outside.content(target)
    info.name, info.linkname = Raw(info.name), Raw(info.linkname)
    info.pax_headers = {
        Raw(record): Raw(value)
        for record, value in info.pax_headers.items()
        if record not in OWN_RECORDS and not record.startswith("GNU.sparse.")
    }
    yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    if source is not None:
        yield from source
        yield padding(info.size)


class Raw(str):
    """Text that a pax header gets as the bytes that it was: names of files and of attributes.

    tarfile would refuse a record whose name is not UTF-8, and announce other such text by a record
    of its own (`hdrcharset`), about which GNU tar complains.
    """

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return super().encode(encoding, "surrogateescape" if encoding == "utf-8" else errors)


def pieces_of(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    """The content of an entry at which a tar stands."""
    file = tar.extractfile(info)
    while file and (piece := file.read(PIECE)):
        yield piece


def text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
