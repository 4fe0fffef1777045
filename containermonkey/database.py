"""What a failure of the database means to people, and what need not be on the disk at once."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection

from containermonkey.problems import NoSpace, NotFound, Problem

logger = logging.getLogger(__name__)

# SQLSTATE 53100 is PostgreSQL's word for it.
FULL = {"SQLITE_FULL", "53100"}

SENTENCES = {
    "SQLITE_BUSY": "Something else is writing to the database and does not let go of it.",
    "SQLITE_LOCKED": "Something else is writing to the database and does not let go of it.",
    "SQLITE_READONLY": "The database can be read and not be written.",
    "SQLITE_CANTOPEN": "The database’s file cannot be opened.",
    "SQLITE_CORRUPT": "The database’s file is damaged.",
    "SQLITE_NOTADB": "The database’s file is damaged.",
    "SQLITE_IOERR": "The disk with the database does not do what it should.",
    "25006": "The database can be read and not be written.",
}
# A wrong password is among it: what ends before there is a connection has no SQLSTATE.
AWAY = (
    "The database does not answer, or does not let the program in. Everything goes on by itself "
    "once it does."
)
AWAY_STATES = ("08", "57P", "53300")
"""How PostgreSQL's words begin when it ends, is about to start or has too many callers."""

FAILURES = (DatabaseError, InterfaceError)
"""What Django makes of everything that a database refuses or fails to do."""

UNKNOWN = "The database cannot be used just now. The log says why."


class DatabaseUnavailable(Problem):
    status, code = 503, "database_unavailable"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": "10"}


def problem_of(error: BaseException | None) -> Problem | None:
    """The problem that a failure of the database is; None for any other error.

    What is wrong with a question is a defect of ours, and stays one.
    """
    if not isinstance(error, FAILURES):
        return None
    if is_away(error):
        return DatabaseUnavailable(AWAY)
    if isinstance(error, DataError) and "NUL" in str(error):
        # PostgreSQL is not even asked for a name with a zero byte, which others say is not there.
        return NotFound("There is nothing of this name.")
    name = name_of(error.__cause__)
    if name in FULL:
        return NoSpace("There is no space left on the disk that holds the program's data.")
    # SQLite has names of two parts for kinds of a failure: SQLITE_IOERR_READ.
    kind = "_".join(name.split("_")[:2])
    if kind in SENTENCES:
        return DatabaseUnavailable(SENTENCES[kind])
    return DatabaseUnavailable(UNKNOWN) if isinstance(error, OperationalError) else None


def is_away(error: BaseException | None) -> bool:
    """Whether a failure means that there is no database now, and may be one again in a moment.

    That is so of a server that is restarted. A file is there, or something is wrong with it.
    """
    if connection.vendor == "sqlite" or not isinstance(error, (OperationalError, InterfaceError)):
        return False
    name = name_of(error.__cause__)
    # Without a name it was the connection that failed, before the server could say anything.
    return not name or name.startswith(AWAY_STATES)


def alone(name: str) -> None:
    """Have the other transactions that are `alone` under this name wait for the end of this one.

    For a look at rows and what is written because of it. SQLite has one writer in any case.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(name.encode())])


def name_of(cause: BaseException | None) -> str:
    """The name that the database itself has for a failure."""
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "")
    return getattr(cause, "sqlstate", None) or ""


@contextmanager
def without_haste() -> Iterator[None]:
    """Have what is written inside reach the disk together with what is written next.

    For figures that are out of date in a moment: SQLite brings every write to the disk at once,
    and waits for all that others are writing to it meanwhile, as an archive of gigabytes.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _set_synchronous("NORMAL")
    try:
        yield
    finally:
        _set_synchronous("FULL")  # maybe of another connection: one that failed is given up


def _set_synchronous(level: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={level}")


@contextmanager
def in_passing() -> Iterator[None]:
    """The same for what is noted by the way, as when somebody was last seen.

    A failure to write goes to the log: with a full disk, pages have to be seen all the more.
    """
    try:
        with without_haste():
            yield
    except FAILURES as error:
        logger.warning("Not noted: %s", error)
