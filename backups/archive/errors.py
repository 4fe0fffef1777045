"""What can be wrong with an archive, or with a tar stream on its way into one."""

from containermonkey.problems import Problem


class ArchiveProblem(Problem):
    """The base of this package's errors; str() is a sentence for people."""

    status, code = 400, "invalid_archive"


class NotAnArchive(ArchiveProblem):
    """The file is something else: another program's archive, or no archive at all."""

    code = "not_an_archive"


class UnfinishedArchive(ArchiveProblem):
    """The file begins as an archive and has no end: its writing or its transfer was cut short."""

    code = "unfinished_archive"


class DamagedArchive(ArchiveProblem):
    """The file says that it is a whole archive, and what is in it contradicts that."""

    code = "damaged_archive"


class DamagedStream(ArchiveProblem):
    """A tar stream is cut short, broken, or holds what must not be in it."""

    status, code = 502, "damaged_stream"


def readable(name: bytes) -> str:
    """A name from a stream as a sentence can hold it: quoted, printable, and not too long."""
    text = name.decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"“{text if len(text) <= 200 else text[:199] + '…'}”"
