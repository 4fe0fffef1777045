"""What must hold before Django's settings are read; a pytest plugin, named in pyproject.toml.

No test may reach the machine's own Engine, data or services, so the environment is emptied of
everything that names them.
"""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Generator

import pytest

from tests.private_engine import collect_leftovers
from tests.scratch import Scratch

# Every process of a run reads all test modules, and tests start programs: what one has compiled
# serves the others.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

FOREIGN = ("DATABASE_URL", "REDIS_URL", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "PORT", "TZ")

collect_leftovers()
SCRATCH = Scratch()
DEAD_DOCKER_HOST = f"unix://{SCRATCH.path}/no-engine.sock"

for name in [key for key in os.environ if key.startswith("CONTAINERMONKEY_")]:
    if not name.startswith("CONTAINERMONKEY_TEST_"):
        del os.environ[name]
for name in FOREIGN:
    os.environ.pop(name, None)
if database := os.environ.get("CONTAINERMONKEY_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = database
os.environ["CONTAINERMONKEY_DATA"] = str(SCRATCH.path / "data")
os.environ["DOCKER_HOST"] = DEAD_DOCKER_HOST
# What the program and the browser put into temporary files goes with the rest.
TEMPORARY = SCRATCH.path / "t"
TEMPORARY.mkdir()
os.environ["TMPDIR"] = tempfile.tempdir = str(TEMPORARY)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep pytest's temporary files in our own directory; end in order when asked to end."""
    config.option.basetemp = str(SCRATCH.path / "tmp")
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among thousands of tests, neither while they are made nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    SCRATCH.remove()
