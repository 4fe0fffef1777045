"""The image as a release has it: the same file however often it is built, and it runs."""

import hashlib
import json
import tarfile
import time
from pathlib import Path

from docker import APIClient

from tests.image.building import TAG, command_line
from tests.image.shipped import WITH_VOLUME, Shipped
from tests.private_engine import PrivateEngine
from tools.release.image import write_the_same

MOMENT = int(time.time()) - 86_400
RECIPE = """\
FROM {base}
RUN touch /now && mkdir -p /made/here && ln /now /made/again && chmod 4755 /now
COPY file /copied
CMD ["/bin/idle"]
"""


def test_two_buildings_give_the_same_file(
    engine: PrivateEngine, docker: APIClient, busybox: str, tmp_path: Path
) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(RECIPE.format(base=busybox))
    (context / "file").write_text("copied")
    saved, written = [], []
    for number in range(2):
        command_line(engine, "build", "--no-cache", "--tag", "made:test", str(context))
        saved.append(save(engine, "made:test", tmp_path / f"{number}.saved"))
        written.append(tmp_path / f"{number}.tar")
        write_the_same(saved[-1], written[-1], MOMENT)
    assert digest(saved[0]) != digest(saved[1])
    assert digest(written[0]) == digest(written[1])


def test_nothing_in_it_is_newer_than_the_commit(
    engine: PrivateEngine, built: set[str], tmp_path: Path
) -> None:
    target = released(engine, tmp_path)
    with tarfile.open(target) as archive:
        (told,) = json.load(archive.extractfile("manifest.json"))
        config = json.load(archive.extractfile(told["Config"]))
        assert max(entry.mtime for entry in archive) <= MOMENT
        for name in told["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                assert max(entry.mtime for entry in layer) <= MOMENT
    moments = {config["created"], *(step["created"] for step in config["history"])}
    assert moments == {time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(MOMENT))}


def test_an_engine_loads_it_and_it_runs(
    engine: PrivateEngine, docker: APIClient, shipped: Shipped, built: set[str], tmp_path: Path
) -> None:
    before = docker.inspect_image(TAG)
    command_line(engine, "load", "--quiet", "--input", str(released(engine, tmp_path)))
    loaded = docker.inspect_image(TAG)
    try:
        assert loaded["Id"] != before["Id"]
        assert {**loaded["Config"], "Image": ""} == {**before["Config"], "Image": ""}
        caller = shipped.signed_in(*WITH_VOLUME)
        assert caller.get("/api/containers") == {"containers": []}
    finally:
        shipped.remove()
        docker.remove_image(loaded["Id"], force=True)
        docker.tag(before["Id"], TAG, "latest")


def released(engine: PrivateEngine, directory: Path) -> Path:
    """The image as the file of a release."""
    target = directory / "released.tar"
    write_the_same(save(engine, TAG, directory / "saved.tar"), target, MOMENT)
    return target


def save(engine: PrivateEngine, tag: str, target: Path) -> Path:
    command_line(engine, "save", "--output", str(target), tag)
    return target


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
