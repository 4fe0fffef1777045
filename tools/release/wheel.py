"""The wheel: the program and its front-end files, for `pip install`."""

import os
import subprocess
import sys
from pathlib import Path

from tools.release.source import ROOT, Source


def build(source: Source, target: Path) -> Path:
    """Build the wheel into a directory; where it is."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(source.moment),
        # Reading the settings makes a data directory; this is nobody's.
        "CONTAINERMONKEY_DATA": str(source.directory / "build" / "data"),
    }

    def run(*words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=source.directory, env=environment, check=True)

    (source.directory / "node_modules").symlink_to(ROOT / "node_modules")
    run("manage.py", "build_assets", "--verbosity", "0")
    run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    # With the packages that are pinned, instead of the newest that the backend would fetch.
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(target))
    (built,) = target.glob("*.whl")
    return built
