"""The image, built as anybody builds it, on a base that is made here."""

import os
import subprocess
from pathlib import Path

from tests.image.base import make_base
from tests.image.way_out import way_out
from tests.private_engine import PrivateEngine
from tests.site import ROOT

TAG = "container-monkey"


def build(engine: PrivateEngine, directory: Path) -> None:
    """Build the image on an Engine. The directory is for what the base is made from."""
    directory.mkdir()
    with engine.client() as docker:
        base = make_base(docker, directory)
    with way_out(engine):
        command_line(engine, "build", "--build-arg", f"BASE={base}", "--tag", TAG, str(ROOT))


def command_line(engine: PrivateEngine, *words: str) -> str:
    """Run Docker's command line, as a person does; what it said. Fail where it fails."""
    # The builder that needs nothing beside the Engine; the other one reads the same file.
    environment = {**os.environ, "DOCKER_HOST": engine.docker_host, "DOCKER_BUILDKIT": "0"}
    done = subprocess.run(
        ["docker", *words], env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, f"docker {words[0]}: {done.stdout[-3000:]}{done.stderr[-2000:]}"
    return done.stdout.strip()
