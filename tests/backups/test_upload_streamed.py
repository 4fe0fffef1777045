"""Uploads as a real server gets them: piece by piece, slowly, several at once, cut short."""

import http.client
import json
import os
import random
import socket
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from backups.archive.writer import ArchiveWriter
from containermonkey.bodies import LARGEST
from tests.backups.brought import INSPECT, MANIFEST, of_container, write_archive
from tests.backups.person import BOUNDARY, HEAD, TAIL, Person, peak_memory, web_process
from tests.waiting import wait_for


def archives_of(site) -> list[str]:
    return sorted(path.name for path in (site.data_dir / "backups").iterdir())


def large_archive(path: Path, mib: int) -> Path:
    """An archive of a container with one file of so many MiB that nothing makes smaller."""
    source = {"key": "data", "type": "volume", "name": "data", "destinations": ["/data"]}
    root, file = tarfile.TarInfo("volumes/data/"), tarfile.TarInfo("volumes/data/large")
    root.type, file.size = tarfile.DIRTYPE, mib << 20

    def stream() -> Iterator[bytes]:
        yield root.tobuf()
        yield file.tobuf()
        for _ in range(mib):
            yield random.randbytes(1 << 20)
        yield bytes(1024)

    with ArchiveWriter(path) as archive:
        manifest = json.dumps({**MANIFEST, "sources": [source]}).encode()
        archive.add_file("backup/manifest.json", manifest, mtime=0)
        archive.add_file("backup/container.json", json.dumps(INSPECT).encode(), mtime=0)
        archive.add_file("backup/networks.json", b"[]", mtime=0)
        archive.add_file("backup/compose.yaml", b"{}", mtime=0)
        archive.add_tree("data", stream())
        archive.finish({})
    return path


def test_memory_stays_flat_and_nothing_else_is_written(site, person, tmp_path):
    assert person.upload(write_archive(tmp_path / "small.tar.gz"))[0] == 201
    pid = web_process(site)
    before = peak_memory(pid)
    status, told = person.upload(large_archive(tmp_path / "large.tar.gz", 300))
    assert (status, told["filename"]) == (201, "large.tar.gz")
    assert peak_memory(pid) - before < 100 << 20


def test_it_lies_on_the_disk_once_and_grows_as_it_arrives(site, person, tmp_path):
    brought = large_archive(tmp_path / "large.tar.gz", 24)
    content = brought.read_bytes()
    partial = site.data_dir / "backups" / "large.tar.gz.partial"
    with person.uploading("large.tar.gz", len(content)) as call:
        call.send(content[: 16 << 20])
        wait_for(lambda: partial.exists() and partial.stat().st_size > 12 << 20, "it to arrive")
        assert large_files_of(web_process(site)) == {partial.stat().st_ino}
        call.send(content[16 << 20 :] + TAIL)
        assert call.getresponse().status == 201
    assert archives_of(site) == ["large.tar.gz"]


def large_files_of(pid: int) -> set[int]:
    """The inodes of the files of more than 8 MiB that a process has open."""
    found = set()
    for opened in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it has been closed since
            status = opened.stat()
            if status.st_size > 8 << 20:
                found.add(status.st_ino)
    return found


def test_of_one_that_is_cut_short_nothing_stays(site, person):
    with person.uploading("cut.tar.gz", 10 << 20) as call:
        call.send(bytes(4 << 20))
        wait_for(lambda: archives_of(site) == ["cut.tar.gz.partial"], "it to begin")
    wait_for(lambda: not archives_of(site), "it to be removed")
    assert site.is_well()


def test_several_at_once_do_not_get_in_each_others_way(site, person, tmp_path):
    brought = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / "same.tar.gz"
        brought.append(write_archive(path, of_container(f"web{number}")))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(person.upload, brought))
    assert [status for status, _ in answers] == [201] * 4
    assert len({told["filename"] for _, told in answers}) == 4
    assert len(archives_of(site)) == 4


def test_the_same_at_once_is_listed_once(site, person, tmp_path):
    brought = write_archive(tmp_path / "same.tar.gz")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(person.upload, [brought] * 4))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 201]
    assert len(archives_of(site)) == 1


def test_a_slow_one_holds_up_nobody(site, person, tmp_path):
    with person.uploading("slow.tar.gz", 1 << 20) as call:
        call.send(bytes(5000))
        wait_for(lambda: archives_of(site) == ["slow.tar.gz.partial"], "it to begin")
        assert site.is_well()
        assert person.upload(write_archive(tmp_path / "quick.tar.gz"))[0] == 201
    wait_for(lambda: archives_of(site) == ["quick.tar.gz"], "the slow one to be given up")


def test_a_stranger_is_refused_before_anything_is_kept(site, person):
    with person.uploading("x.tar.gz", 1 << 30, Cookie="") as call:
        assert call.getresponse().status == 401
    assert not archives_of(site)


@pytest.mark.parametrize("address", ["/api/login", "/accounts/sign-in/", "/nowhere/"])
def test_where_no_uploads_are_taken_nobody_fills_the_disk_with_one(site, address):
    call = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    call.putrequest("POST", address)
    call.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    call.putheader("Content-Length", str(1 << 40))
    call.endheaders((HEAD % "x.tar.gz").encode())
    call.send(bytes(LARGEST + 1))
    answer = call.getresponse()
    assert (answer.status, json.load(answer)["code"]) == (413, "too_large")
    call.close()
    assert site.is_well()


def test_without_a_length_it_is_refused(site, person):
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as raw:
        head = {
            "Host": "127.0.0.1",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Transfer-Encoding": "chunked",
            **person.headers,
        }
        lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
        raw.sendall(f"POST /api/upload-backup HTTP/1.1\r\n{lines}\r\n".encode())
        assert b" 411 " in raw.recv(100)


def test_what_a_killed_server_left_is_removed_and_a_running_one_is_not(make_site):
    site = make_site()
    person = Person(site)
    with person.uploading("left.tar.gz", 1 << 30) as call:
        call.send(bytes(1 << 20))
        wait_for(lambda: archives_of(site) == ["left.tar.gz.partial"], "it to begin")
        site.kill()
    left = site.data_dir / "backups" / "left.tar.gz.partial"
    os.utime(left, (0, 0))
    site.start()
    assert not archives_of(site)
