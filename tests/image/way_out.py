"""A way out of the private Engine's network, for as long as something is built on it.

Its namespace reaches nothing but itself. slirp4netns gives it a device whose packets leave as the
connections of a process of this machine, on which nothing is changed for it.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.private_engine import PROGRAMS, PrivateEngine

DEVICE = "tap0"
DNS = "10.0.2.3"
"""Where slirp4netns answers for the machine's own resolver."""


@contextmanager
def way_out(engine: PrivateEngine) -> Iterator[None]:
    """Let what runs in the Engine's network reach what this machine reaches."""
    first = engine.processes()[0]
    ready, says_ready = os.pipe()
    process = subprocess.Popen(
        [
            *["setpriv", "--pdeathsig", "KILL", "--"],
            *["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback"],
            *[f"--ready-fd={says_ready}", str(first), DEVICE],
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[says_ready],
        env={**os.environ, "PATH": PROGRAMS},
    )
    os.close(says_ready)
    try:
        with os.fdopen(ready, "rb") as pipe:
            said = pipe.read(1)
        assert said, f"slirp4netns ended: {process.communicate()[1].decode()}"
        yield
    finally:
        process.kill()
        process.communicate()
