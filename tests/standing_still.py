"""The program as it is, but that its web server stands still at a chosen step, to be killed there.

A site with `DJANGO_SETTINGS_MODULE=tests.standing_still` has it. `STAND_STILL` names the step, as
`before package.module:Owner.name`, and `STAND_STILL_MARKER` a file that tells that it was reached.
"""

import os
import sys
import time
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import AppConfig

from containermonkey import settings as own

globals().update({name: value for name, value in vars(own).items() if name.isupper()})
INSTALLED_APPS = [*own.INSTALLED_APPS, "tests.standing_still.StandingStill"]


class StandingStill(AppConfig):
    name = "tests.standing_still"

    def ready(self) -> None:
        if "uvicorn" in sys.orig_argv and (step := os.environ.get("STAND_STILL")):
            stand_still_at(step, Path(os.environ["STAND_STILL_MARKER"]))


def stand_still_at(place: str, marker: Path) -> None:
    """Have whoever does this step for the first time do nothing more."""
    when, _, step = place.partition(" ")
    module, _, path = step.partition(":")
    *owners, name = path.split(".")
    owner: Any = reduce(getattr, owners, import_module(module))
    original = getattr(owner, name)

    def then_stand_still(*arguments: Any, **options: Any) -> None:
        if when == "after":
            original(*arguments, **options)
        marker.touch()
        while True:
            time.sleep(60)

    setattr(owner, name, then_stand_still)
