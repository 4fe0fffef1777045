"""What an installed wheel starts: `container-monkey serve` is the program's `manage.py serve`."""

import os
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "program"


def main() -> None:
    """Run `manage.py` with the words of the command line."""
    # An empty one counts as not set, as with all settings.
    if not os.environ.get("CONTAINERMONKEY_DATA", "").strip():
        os.environ["CONTAINERMONKEY_DATA"] = str(data_directory())
    sys.path.insert(0, str(PROGRAM))
    from manage import main as manage

    manage()


def data_directory() -> Path:
    """Where data lies unless CONTAINERMONKEY_DATA says otherwise: never beside the packages, which
    the next version replaces."""
    if os.geteuid() == 0:
        return Path("/var/lib/container-monkey")
    shared = Path(os.environ.get("XDG_DATA_HOME", ""))
    # XDG has one that is no whole path left out of account: it would be another in each directory.
    shared = shared if shared.is_absolute() else Path.home() / ".local" / "share"
    return shared / "container-monkey"
