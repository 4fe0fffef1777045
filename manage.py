#!/usr/bin/env python
"""Django's command line for Container Monkey."""

import os
import sys

from django.core.management import execute_from_command_line

from containermonkey.env import WrongSetting

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongSetting as problem:
        sys.exit(str(problem))
