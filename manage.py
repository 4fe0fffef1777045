#!/usr/bin/env python
"""Django's command line for Container Monkey."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

from containermonkey.env import WrongSetting


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongSetting as problem:
        sys.exit(str(problem))
    except DatabaseError:
        refuse_old_database()
        raise


def refuse_old_database() -> None:
    """End with a sentence where the database is not of this version, or was never used.

    So it is for whoever calls as another user than the program's, who has another directory.
    """
    from django.conf import settings

    from system.check.ourselves import missing_migrations

    if missing_migrations():
        directory = f"CONTAINERMONKEY_DATA: {settings.DATA_DIR}"
        place = "DATABASE_URL" if settings.DATABASE_URL else directory
        sys.exit(
            f"{place}: the database there is empty or of an older version. The program’s `serve` "
            "brings it up to date; call this as its user, and with its settings."
        )


if __name__ == "__main__":
    main()
