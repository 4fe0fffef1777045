"""`manage.py run_jobs` with the jobs of the tests."""

import os
import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "containermonkey.settings")
    django.setup()
    from tests.jobs import handlers  # noqa: F401 - declares them

    call_command("run_jobs")
    sys.exit(0)
