"""What a failure of the database means to people."""

import sqlite3

from django.db import DatabaseError, OperationalError

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
