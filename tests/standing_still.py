"""The program as it is, but that a process of it stands still at a chosen step, to be killed there.

A site with `DJANGO_SETTINGS_MODULE=tests.standing_still` has it. `STAND_STILL` names the step, as
`before package.module:Owner.name`, and `STAND_STILL_MARKER` a file that tells that it was reached;
without the file it goes on. It is the web server, or what `STAND_STILL_IN` names: `run_jobs`.
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
        who, step = os.environ.get("STAND_STILL_IN", "uvicorn"), os.environ.get("STAND_STILL")
        if step and who in sys.orig_argv:
            stand_still_at(step, Path(os.environ["STAND_STILL_MARKER"]))


def stand_still_at(place: str, marker: Path) -> None:
    """Have whoever does this step for the first time do nothing more while the marker is there."""
    when, _, step = place.partition(" ")
    module, _, path = step.partition(":")
    *owners, name = path.split(".")
    owner: Any = reduce(getattr, owners, import_module(module))
    original, stood = getattr(owner, name), []

    def stand_still() -> None:
        if not stood:
            stood.append(True)
            marker.touch()
            while marker.exists():
                time.sleep(0.02)

    def then_stand_still(*arguments: Any, **options: Any) -> Any:
        if when == "before":
            stand_still()
        answer = original(*arguments, **options)
        if when == "after":
            stand_still()
        return answer

    setattr(owner, name, then_stand_still)
