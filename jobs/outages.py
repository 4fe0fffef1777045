"""What the worker does while the database is away: what can go on does, the rest waits.

A file does not go away; this is about a PostgreSQL that is restarted, or cut off for a while.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from containermonkey.database import FAILURES, is_away

logger = logging.getLogger(__name__)

T = TypeVar("T")

ASKED_AGAIN = 1.0
"""Seconds between two tries."""


def passes(error: Exception) -> bool:
    """Whether a failure is an outage, after which the same can be tried again.

    Inside a transaction it cannot: what was done before in it is lost with the connection. One that
    has failed is given up, so that the next try has another.
    """
    if connection.in_atomic_block or not is_away(error):
        return False
    connection.close()
    return True


def until_done(write: Callable[[], T], may_wait: Callable[[], bool]) -> T:
    """Do something with the database, again and again while that is away and it may be waited for.

    It may be done twice, where only the answer was lost. Raise what the last try raised.
    """
    told = False
    while True:
        try:
            done = write()
        except FAILURES as error:
            if not passes(error) or not may_wait():
                raise
            if not told:
                logger.warning("The database is away, and is waited for: %s", one_line(error))
            told = True
            time.sleep(ASKED_AGAIN)
        else:
            if told:
                logger.warning("The database is back.")
            return done


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())
