"""What a failure of the database means to people, and what need not be on the disk at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, connection

from containermonkey.problems import NoSpace, Problem

# SQLSTATE 53100 is PostgreSQL's word for it.
FULL = {"SQLITE_FULL", "53100"}


class DatabaseUnavailable(Problem):
    status, code = 503, "database_unavailable"


def problem_of(error: BaseException | None) -> Problem | None:
    """The problem that a failure of the database is; None for any other error.

    What is wrong with a question is a defect of ours, and stays one.
    """
    if not isinstance(error, DatabaseError):
        return None
    if name_of(error.__cause__) in FULL:
        return NoSpace("There is no space left on the disk that holds the program's data.")
    if isinstance(error, OperationalError):
        return DatabaseUnavailable("The database cannot be used just now. The log says why.")
    return None


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
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")
