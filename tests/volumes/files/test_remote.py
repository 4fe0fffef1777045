"""Looking into a volume that only the Engine reaches."""

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from tests.volumes.files.conftest import PIXEL, plant_links
from tests.volumes.files.test_safety import LEADING_OUT
from volumes.files import remote, ways
from volumes.files.packing import CutShort
from volumes.files.services import beginning_of, content_of, explore

ACTS = [explore, beginning_of, content_of]


@pytest.fixture
def far(root, monkeypatch) -> Path:
    """The volume `data`, out of reach of this process."""
    monkeypatch.setattr(ways, "seen", lambda volume: None)
    return root


def taken(path: str) -> bytes:
    return b"".join(content_of("data", path).pieces())


def test_a_folder_is_listed_as_any_other(far, docker):
    (far / "link").symlink_to("/etc/passwd")
    os.mkfifo(far / "pipe")
    os.chown(far / "first", 1000, 33)
    (far / "first").chmod(0o4640)
    os.utime(far / "first", (10**9, 10**9))
    told = explore("data")
    assert (told.path, told.total, told.complete, told.can_change) == ("/", 4, True, False)
    first, folder, link, pipe = told.entries
    assert (first.name, first.type, first.size, first.mode) == ("first", "file", 4, 0o4640)
    assert (first.uid, first.gid) == (1000, 33)
    assert first.modified.isoformat() == "2001-09-09T01:46:40+00:00"
    assert (folder.name, folder.type) == ("folder", "directory")
    assert (link.type, link.target) == ("symlink", "/etc/passwd")
    assert pipe.type == "other"
    assert [entry.name for entry in explore("data", "/folder").entries] == ["below", "second"]
    assert explore("data", "/folder/below").entries == []
    assert docker.containers(all=True) == []


def test_it_comes_in_pages(far):
    for number in range(150):
        (far / "folder" / "below" / f"{number:03}").touch()
    told = explore("data", "/folder/below", 2)
    assert told.total == 150
    assert [entry.name for entry in told.entries] == [f"{n:03}" for n in range(100, 150)]


@pytest.mark.parametrize(("bound", "value"), [("MOST_ENTRIES", 2), ("MOST_BYTES", 1 << 20)])
def test_a_folder_that_holds_too_much_is_said_to_be_cut_short(far, monkeypatch, bound, value):
    (far / "folder" / "large").write_bytes(bytes(8 << 20))
    (far / "last").touch()
    assert explore("data").complete
    monkeypatch.setattr(remote, bound, value)
    told = explore("data")
    assert not told.complete
    assert told.entries[0].name == "first"


def test_a_volume_that_the_engine_mounts_by_options_is_read(docker, tmp_path):
    (tmp_path / "file").write_text("inside")
    options = {"type": "none", "device": str(tmp_path), "o": "bind"}
    docker.create_volume("bound", driver="local", driver_opts=options)
    assert [entry.name for entry in explore("bound").entries] == ["file"]
    assert beginning_of("bound", "/file").content == "inside"


def test_a_volume_that_shows_our_own_data_is_not_read(docker, tmp_path, settings):
    settings.DATA_DIR = tmp_path / "ours"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "secret.key").write_text("secret")
    (tmp_path / "way").symlink_to("ours")
    folders = ("/", tmp_path, tmp_path / "ours", tmp_path / "way", docker.info()["DockerRootDir"])
    for number, folder in enumerate(folders):
        options = {"type": "none", "device": str(folder), "o": "bind"}
        docker.create_volume(f"bound-{number}", driver="local", driver_opts=options)
        for act in ACTS:
            with pytest.raises(NotAllowed, match="own data"):
                act(f"bound-{number}", "/")


def test_a_file_is_read_and_downloaded(far):
    content = os.urandom(3_000_000)
    (far / "folder" / "large").write_bytes(content)
    (far / "empty").touch()
    assert beginning_of("data", "/folder/second").content == "two\n"
    beginning = beginning_of("data", "/folder/large")
    assert (beginning.size, beginning.truncated, beginning.encoding) == (3_000_000, True, "base64")
    assert taken("/folder/large") == content
    assert taken("/empty") == b""
    told = content_of("data", "/folder/large")
    assert (told.name, told.size) == ("large", 3_000_000)


def test_a_folder_is_downloaded_as_an_archive_that_tar_reads(far, tmp_path):
    (far / "folder" / "large").write_bytes(os.urandom(3_000_000))
    content = content_of("data", "/folder")
    assert content.name == "folder.tar.gz"
    subprocess.run(["tar", "xz", "-C", tmp_path], input=taken("/folder"), check=True)
    assert (tmp_path / "folder" / "second").read_text() == "two\n"
    assert (tmp_path / "folder" / "large").stat().st_size == 3_000_000
    with tarfile.open(fileobj=io.BytesIO(taken("/"))) as tar:
        assert "data/folder/second" in tar.getnames()


def test_a_name_that_is_not_utf_8_is_listed_and_comes_with_its_folder(far):
    Path(os.fsdecode(os.fsencode(far) + b"/caf\xe9")).write_text("odd")
    (far / "[a]*?\\ü").write_text("even")
    names = [entry.name for entry in explore("data").entries]
    assert {r"caf\xe9", "[a]*?\\\\ü"} <= set(names)
    assert beginning_of("data", "/[a]*?\\\\ü").content == "even"
    for act in ACTS:
        with pytest.raises(Conflict, match="Download the folder"):
            act("data", r"/caf\xe9")
    with tarfile.open(fileobj=io.BytesIO(taken("/"))) as tar:
        assert tar.extractfile(os.fsdecode(b"data/caf\xe9")).read() == b"odd"


def test_what_has_no_end_breaks_off(far, monkeypatch):
    real = remote.read_archive

    class Cut:
        """The Engine's stream without its end, as where it gave up."""

        def __init__(self, *arguments):
            self.stream = real(*arguments)
            self.blocks = iter([b"".join(self.stream)[:700]])

        def __iter__(self):
            return self.blocks

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *_: self.close()  # noqa: E731

        def close(self):
            self.stream.close()

    (far / "first").write_bytes(os.urandom(10_000))
    monkeypatch.setattr(remote, "read_archive", Cut)
    for path in ("/first", "/folder"):
        with pytest.raises(CutShort):
            taken(path)


def test_a_file_that_became_shorter_breaks_off(far):
    content = content_of("data", "/first")
    (far / "first").write_text("1")
    with pytest.raises(CutShort):
        b"".join(content.pieces())


@pytest.fixture
def planted(far) -> Path:
    outside = far.parent / "outside"
    outside.write_text("secret")
    plant_links(far)
    yield far
    outside.unlink()


@pytest.mark.parametrize("path", LEADING_OUT)
def test_no_path_leads_out(planted, path):
    for act in ACTS:
        with pytest.raises((Invalid, NotFound)):
            act("data", path)


@pytest.mark.parametrize("path", ["inside", "folder/sideways", "/./first"])
def test_a_link_that_stays_inside_is_followed(planted, path):
    assert beginning_of("data", path).content == "one\n"


@pytest.mark.parametrize("path", ["no", "no/first", "first/no"])
def test_what_is_not_there_is_not_found(far, path):
    for act in ACTS:
        with pytest.raises(NotFound):
            act("data", path)


def test_a_file_is_no_folder_and_a_folder_no_file(far):
    os.mkfifo(far / "pipe")
    with pytest.raises(Invalid, match="not a folder"):
        explore("data", "/first")
    for path in ("/folder", "/pipe"):
        with pytest.raises(Invalid, match="not a file"):
            beginning_of("data", path)
    with pytest.raises(Invalid, match="not a file"):
        content_of("data", "/pipe")


@pytest.mark.django_db
def test_the_page_says_so_and_offers_no_change(admin_client, far, monkeypatch):
    (far / "photo").write_bytes(PIXEL)
    page = admin_client.get("/volumes/data/files/").content.decode()
    assert "Only the Docker Engine reaches this volume" in page
    assert "files/upload/" not in page
    assert "files/delete/" not in page
    picture = admin_client.get("/volumes/data/files/picture/?path=/photo")
    assert picture["Content-Type"] == "image/png"
    monkeypatch.setattr(remote, "MOST_ENTRIES", 2)
    page = admin_client.get("/volumes/data/files/").content.decode()
    assert "There may be more in this folder" in page
    assert gzip.decompress(taken("/"))
