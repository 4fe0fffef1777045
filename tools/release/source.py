"""What a release is built from: the files of one commit, and when it was made."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """The files of a commit, in a directory of their own."""

    directory: Path
    revision: str
    moment: int
    """When the commit was made, in seconds since 1970: nothing in a release is newer."""


def refuse_changes() -> None:
    """End the program where files differ from the commit: what they would build is no commit's."""
    if changed := git("status", "--porcelain", "--untracked-files=no").decode():
        raise SystemExit(f"A release is built from a commit; these files differ:\n{changed}")


def take_out(directory: Path) -> Source:
    """Write the files of the commit that is checked out into a directory that is not there yet."""
    directory.mkdir(parents=True)
    subprocess.run(["tar", "-x"], cwd=directory, check=True, input=git("archive", "HEAD"))
    revision, moment = git("log", "-1", "--format=%H %ct").split()
    return Source(directory, revision.decode(), int(moment))


def git(*words: str) -> bytes:
    """What git answers. It says on standard error why it does not, which ends the program."""
    done = subprocess.run(["git", *words], cwd=ROOT, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit("A release is built from a commit, in a clone of the repository.")
    return done.stdout
