"""Builds what a release consists of, from the commit that is checked out: `make release`.

Into `build/release` come the wheel, the image as `docker load` takes it, and `SHA256SUMS`. One
commit gives one and the same wheel, byte for byte, whenever and wherever it is built; and the same
image, as long as its base and Debian's packages are the same.
"""

import argparse
import hashlib
import shutil
from pathlib import Path

from tools.release import image, wheel
from tools.release.source import ROOT, refuse_changes, take_out

TARGET = ROOT / "build" / "release"


def main() -> None:
    chosen = arguments()
    refuse_changes()
    shutil.rmtree(TARGET, ignore_errors=True)
    source = take_out(TARGET / "source")
    built = []
    if chosen.only != "image":
        built.append(wheel.build(source, TARGET))
    if chosen.only != "wheel":
        built.append(image.build(source, TARGET, base=chosen.base))
    shutil.rmtree(source.directory)
    sums = "".join(f"{digest(path)}  {path.name}\n" for path in built)
    (TARGET / "SHA256SUMS").write_text(sums)
    print(sums, end="")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make release", description="Builds a release.")
    parser.add_argument("--only", choices=("wheel", "image"), help="build one of the two alone")
    parser.add_argument("--base", help="the image's base, best with its digest (Dockerfile: BASE)")
    return parser.parse_args()


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
