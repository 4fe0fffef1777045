"""Downloads from a real server: large, resumed, slow, and of what is deleted meanwhile."""

import contextlib
import hashlib
import sqlite3

import pytest

from tests.backups.person import peak_memory, web_process

LARGE = 10 << 30
MARK = b"the end of a large archive"


def listed(site, name: str, size: int) -> None:
    """List an archive of a running site, as an earlier backup would have."""
    columns = {
        "filename": name,
        "kind": "container",
        "container_name": "web",
        "container_id": "c" * 64,
        "image": "busybox:test",
        "size": size,
        "created": "2026-05-04 03:02:01",
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "verified": True,
        "origin": "made",
        "problem": "",
        "proof": "",
        "rehearsal_problem": "",
        "seen_smaller": False,
        "stack": "",
        "metadata": "{}",
    }
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT INTO backups_backup ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    with contextlib.closing(sqlite3.connect(site.database, timeout=20)) as database:
        database.execute(insert, list(columns.values()))
        database.commit()


@pytest.fixture
def large(site) -> str:
    """An archive of 10 GiB, most of which are a hole."""
    with (site.data_dir / "backups" / "large.tar.gz").open("wb") as file:
        file.truncate(LARGE)
        file.seek(LARGE - len(MARK))
        file.write(MARK)
    listed(site, "large.tar.gz", LARGE)
    return "/api/download/large.tar.gz"


def asked(person, address: str, method: str = "GET", **headers: str):
    call = person.connection()
    call.request(method, address, headers={**person.headers, **headers})
    return call, call.getresponse()


def test_it_is_resumed_near_the_end(person, large):
    call, told = asked(person, large, "HEAD")
    call.close()
    assert (told.status, told.headers["Content-Length"]) == (200, str(LARGE))
    start = LARGE - len(MARK)
    conditions = {"Range": f"bytes={start}-", "If-Range": told.headers["ETag"]}
    call, answer = asked(person, large, **conditions)
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{LARGE - 1}/{LARGE}"
    assert answer.read() == MARK
    call.close()


def test_memory_stays_flat_for_quick_and_slow_clients(site, person, large):
    quick, answer = asked(person, large, Range="bytes=0-1048575")
    answer.read()
    quick.close()
    pid = web_process(site)
    before = peak_memory(pid)
    slow = [asked(person, large) for _ in range(3)]
    for _, answer in slow:
        assert answer.read(1000) == bytes(1000)
    quick, answer = asked(person, large, Range=f"bytes=0-{(256 << 20) - 1}")
    received = 0
    while piece := answer.read(1 << 20):
        received += len(piece)
    assert received == 256 << 20
    assert site.is_well()
    assert peak_memory(pid) - before < 64 << 20
    for call, _ in [*slow, (quick, None)]:
        call.close()


def test_it_arrives_whole_though_it_is_deleted_meanwhile(site, person):
    content = bytes(range(256)) * (64 << 10)
    (site.data_dir / "backups" / "web.tar.gz").write_bytes(content)
    listed(site, "web.tar.gz", len(content))
    call, answer = asked(person, "/api/download/web.tar.gz")
    first = answer.read(1000)
    deleting, told = asked(person, "/api/backup/web.tar.gz", "DELETE")
    assert told.status == 200
    assert not (site.data_dir / "backups" / "web.tar.gz").exists()
    assert first + answer.read() == content
    call.close()
    deleting.close()
