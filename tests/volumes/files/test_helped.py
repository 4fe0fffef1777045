"""Looking into a volume by the programs of a helper container."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from containermonkey.problems import Conflict, EngineRefused, Invalid, NotFound, Problem
from tests.images import import_tar, tar_of
from tests.volumes.files.conftest import PIXEL, plant_links
from tests.volumes.files.test_safety import LEADING_OUT
from tests.waiting import wait_for
from volumes.deleting import delete_volume
from volumes.files import inside
from volumes.files.packing import CutShort
from volumes.files.services import beginning_of, content_of, explore
from volumes.queries import volume_details

ACTS = [explore, beginning_of, content_of]


def taken(path: str) -> bytes:
    return b"".join(content_of("data", path).pieces())


def test_a_folder_is_listed_whole_and_every_odd_name_with_it(helped_root, docker):
    odd = ["link", "li'nk", "it is -> x", "line\nbreak", "-rf", "ü", r"back\slash", " "]
    for name in odd[2:]:
        (helped_root / name).write_text("1")
    (helped_root / "link").symlink_to("/etc/passwd")
    (helped_root / "li'nk").symlink_to("it is -> 'x'\n")
    Path(os.fsdecode(os.fsencode(helped_root) + b"/caf\xe9")).symlink_to(os.fsdecode(b"\xff"))
    os.mkfifo(helped_root / "pipe")
    os.chown(helped_root / "first", 1000, 33)
    (helped_root / "first").chmod(0o4600)
    os.utime(helped_root / "first", (-(10**8), -(10**8)))
    told = explore("data")
    assert (told.path, told.complete, told.can_change) == ("/", True, True)
    entries = {entry.name: entry for entry in told.entries}
    spelled = [name.replace("\\", r"\\").replace("\n", r"\x0a") for name in odd]
    assert set(entries) == {*spelled, r"caf\xe9", "first", "folder", "pipe"}
    assert told.total == len(entries)
    first = entries["first"]
    assert (first.type, first.size, first.mode) == ("file", 4, 0o4600)
    assert (first.uid, first.gid, first.modified.year) == (1000, 33, 1966)
    assert entries["folder"].type == "directory"
    assert entries["pipe"].type == "other"
    assert entries["link"].target == "/etc/passwd"
    assert entries["li'nk"].target == r"it is -> 'x'\x0a"
    assert entries[r"caf\xe9"].target == r"\xff"
    assert beginning_of("data", "/line\nbreak").content == "1"
    assert docker.containers(all=True) == []


def test_it_comes_in_pages_however_much_it_is(one_helper, monkeypatch):
    monkeypatch.setattr(inside, "AT_ONCE", 500)  # so that a page takes several calls
    for number in range(1050):
        (one_helper / "folder" / "below" / f"{number:04}").touch()
    told = explore("data", "/folder/below", 11)
    assert told.total == 1050
    assert [entry.name for entry in told.entries] == [f"{n:04}" for n in range(1000, 1050)]
    assert explore("data", "/folder/below", 12).entries == []


def test_a_file_is_read_and_downloaded(one_helper):
    content = os.urandom(3_000_000)
    (one_helper / "folder" / "large").write_bytes(content)
    (one_helper / "link").symlink_to("folder/large")
    beginning = beginning_of("data", "/link")
    assert (beginning.size, beginning.truncated, beginning.encoding) == (3_000_000, True, "base64")
    told = content_of("data", "/folder/large")
    assert (told.name, told.size) == ("large", 3_000_000)
    assert b"".join(told.pieces()) == content


def test_a_folder_is_downloaded_as_an_archive_that_tar_reads(one_helper, tmp_path):
    (one_helper / "folder" / "large").write_bytes(os.urandom(3_000_000))
    Path(os.fsdecode(os.fsencode(one_helper) + b"/caf\xe9")).mkdir()
    Path(os.fsdecode(os.fsencode(one_helper) + b"/caf\xe9/-x")).write_text("odd")
    assert content_of("data", "/folder").name == "folder.tar.gz"
    subprocess.run(["tar", "xz", "-C", tmp_path], input=taken("/folder"), check=True)
    assert (tmp_path / "folder" / "second").read_text() == "two\n"
    assert (tmp_path / "folder" / "large").stat().st_size == 3_000_000
    with tarfile.open(fileobj=io.BytesIO(taken("/"))) as tar:
        assert "data/folder/second" in tar.getnames()
    with tarfile.open(fileobj=io.BytesIO(taken(r"/caf\xe9"))) as tar:
        assert tar.extractfile(os.fsdecode(b"caf\xe9/-x")).read() == b"odd"


def test_leaving_a_download_leaves_nothing(helped_root, docker):
    (helped_root / "large").write_bytes(os.urandom(8 << 20))
    for path in ("/large", "/"):
        pieces = content_of("data", path).pieces()
        next(pieces)
        pieces.close()
    assert docker.containers(all=True) == []


def test_a_file_that_became_shorter_breaks_off(one_helper):
    content = content_of("data", "/first")
    (one_helper / "first").write_text("1")
    with pytest.raises(CutShort):
        b"".join(content.pieces())


def test_a_folder_of_which_a_file_becomes_shorter_breaks_off(one_helper):
    large = one_helper / "folder" / "large"
    large.write_bytes(os.urandom(32 << 20))
    pieces = content_of("data", "/folder").pieces()
    next(pieces)
    os.truncate(large, 4096)
    with pytest.raises(CutShort, match="could not be read whole"):
        list(pieces)


def test_no_path_leads_out_and_a_link_that_stays_inside_is_followed(one_helper):
    plant_links(one_helper)
    for path in LEADING_OUT:
        with pytest.raises((Invalid, NotFound)):
            explore("data", path)
    for act in ACTS:
        with pytest.raises(Invalid, match="out of the volume"):
            act("data", "/up")
    for path in ("inside", "folder/sideways"):
        assert beginning_of("data", path).content == "one\n"


def test_what_is_something_else_or_not_there_is_said_to(one_helper):
    os.mkfifo(one_helper / "pipe")
    for path in ("no", "no/first", "first/no"):
        for act in ACTS:
            with pytest.raises(NotFound):
                act("data", path)
    with pytest.raises(Invalid, match="not a folder"):
        explore("data", "/first")
    for act in ACTS[1:]:
        with pytest.raises(Invalid, match="not a file"):
            act("data", "/pipe")


def test_a_path_that_is_longer_than_any_is_not_there(one_helper, busybox):
    for length in (2048, 200_000):
        with pytest.raises(NotFound):
            explore("data", "/x" * length)
    with inside.inside(volume_details("data"), busybox) as volume:
        assert list(volume.statuses(["./" * 2048 + "first", "first"])) == ["first"]


def test_a_link_that_is_exchanged_while_it_is_looked_at_is_told_as_the_new_one():
    for named in (b"/v/a -> b' -> c\n", b"'/v/a' -> 'b' -> c'\n"):
        path, status = inside.parsed(b" a1ff 100 0 33 0 /v/a", named)
        assert (path, status.target, status.owner) == (b"/v/a", "b' -> c", "0:33")


@pytest.mark.django_db
def test_the_page_is_as_any_other(admin_client, one_helper):
    (one_helper / "photo").write_bytes(PIXEL)
    page = admin_client.get("/volumes/data/files/").content.decode()
    assert "Only the Docker Engine" not in page
    assert "files/upload/" in page
    picture = admin_client.get("/volumes/data/files/picture/?path=/photo")
    assert picture["Content-Type"] == "image/png"


def build_bare(docker, tag: str, programs: list[str]) -> str:
    """Make an image with these programs of busybox and no others."""
    busybox = Path(str(shutil.which("busybox"))).read_bytes()
    files = {f"/bin/{name}": busybox for name in programs}
    import_tar(docker, tag, tar_of(files), ["ENV PATH=/bin"])
    return tag


def test_an_image_without_the_programs_is_said_to(helped_root, docker, settings):
    settings.HELPER_IMAGE = build_bare(docker, "bare:1", ["cat", "realpath"])
    with pytest.raises(EngineRefused, match="could not run find"):
        explore("data")
    settings.HELPER_IMAGE = build_bare(docker, "empty:1", [])
    with pytest.raises(Problem, match="cat"):
        explore("data")
    assert docker.containers(all=True) == []


# The helper itself


def test_a_helper_may_do_little(helped_root, docker, busybox):
    with inside.inside(volume_details("data"), busybox) as volume:
        told = docker.inspect_container(volume.container)
        assert volume.run("touch", volume.at("new")).status == 1
        assert volume.run("touch", "/new").status == 1
    host = told["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["Privileged"]) == (
        "none",
        True,
        False,
    )
    assert host["CapDrop"] == ["ALL"]
    assert [cap.removeprefix("CAP_") for cap in host["CapAdd"]] == ["DAC_OVERRIDE"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert [mount["RW"] for mount in told["Mounts"]] == [False]


SCRIPT = """
import os, sys, time, django
django.setup()
from engine import engine
from engine.waiting import waiting_helper
with engine() as docker, waiting_helper(docker, "busybox:test", [], "volume-files", []) as helper:
    print(helper, flush=True)
    time.sleep(600)
"""


def test_a_helper_is_gone_when_its_process_is_killed(docker, busybox, tmp_path, settings):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "containermonkey.settings",
        "CONTAINERMONKEY_DATA": str(tmp_path),
    }
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE
    ) as process:
        helper = process.stdout.readline().decode().strip()
        assert docker.inspect_container(helper)["State"]["Running"]
        process.kill()
    wait_for(lambda: docker.containers(all=True) == [], "the helper to be removed")


@pytest.mark.django_db
def test_whoever_looks_at_files_holds_up_nothing(helped_root, docker, busybox):
    with inside.inside(volume_details("data"), busybox) as volume:
        details = volume_details("data")
        assert (details.held, details.uses) == (False, [])
        delete_volume("data")
        with pytest.raises((Conflict, NotFound)):
            volume.run("true")
    assert docker.volumes()["Volumes"] in (None, [])
