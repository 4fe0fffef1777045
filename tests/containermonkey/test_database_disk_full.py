"""The disk with the database filled to its last byte under the running program."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.backups.person import Person
from tests.site import Site

MIB = 1 << 20
LABELS = [f"{number:04}{'x' * 290}" for number in range(900)]
FORM = "application/x-www-form-urlencoded"
SENTENCE = "There is no space left on the disk that holds the program's data."


@pytest.fixture
def small_site(_migrated_data: Path, tmp_path: Path) -> Iterator[Site]:
    """The program with 16 MiB for all that it keeps; its log is elsewhere."""
    data = tmp_path / "small"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", data], check=True)
    shutil.copytree(_migrated_data, data, dirs_exist_ok=True)
    site = Site(data, DOCKER_HOST="unix:///nowhere/docker.sock")
    try:
        site.start()
        yield site
    finally:
        site.kill()
        subprocess.run(["umount", "--lazy", data], check=True)


def fill(directory: Path) -> Path:
    """Leave not one byte free on the disk that a directory is on."""
    filler = directory / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        for size in (MIB, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    assert not shutil.disk_usage(directory).free
    return filler


class Writer(Person):
    """Somebody who makes schedules of a quarter of a mebibyte, by a call and by the form."""

    def call(self, name: str) -> tuple[int, str]:
        body = {
            "name": name,
            "expression": "@daily",
            "covers": "except",
            "labels": LABELS,
        }
        return self.send("POST", "/api/schedules", json.dumps(body), "application/json")

    def form(self, name: str) -> tuple[int, str]:
        fields = {"name": name, "task": "backup", "every": "daily", "minute": "0", "at": "02:30"}
        fields |= {"weekday": "0", "day": "1", "time_zone": "UTC", "covers": "except"}
        fields |= {"consistency": "none", "labels": "\n".join(LABELS)}
        return self.send("POST", "/backups/schedules/new/", urlencode(fields), FORM)

    def send(self, method: str, path: str, body: str = "", kind: str = "") -> tuple[int, str]:
        with contextlib.closing(self.connection()) as call:
            call.request(method, path, body or None, self.headers | {"Content-Type": kind})
            answer = call.getresponse()
            return answer.status, answer.read().decode()


def names(site: Site) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)) as found:
        return [name for (name,) in found.execute("SELECT name FROM backups_schedule ORDER BY id")]


def test_what_cannot_be_written_is_said_and_works_once_there_is_room(small_site: Site) -> None:
    writer = Writer(small_site)
    assert writer.call("before")[0] == 201
    filler = fill(small_site.data_dir)
    # What SQLite has of its log already is written to again, so the first may still go through.
    kept = ["before"]
    while (answer := writer.call(f"full {len(kept)}"))[0] == 201:
        kept.append(f"full {len(kept)}")
        assert len(kept) < 20, "the disk was never full"
    said = json.loads(answer[1])
    assert (answer[0], said["code"], said["error"]) == (507, "no_space", SENTENCE)
    status, text = writer.form("by the form")
    assert (status, SENTENCE.replace("'", "&#x27;") in text) == (507, True)
    for path in ("/", "/backups/schedules/", "/api/schedules", "/jobs/"):
        assert writer.send("GET", path)[0] == 200, path
    filler.unlink()
    status, text = writer.call("after")
    assert status == 201, text
    assert names(small_site) == [*kept, "after"]
    with contextlib.closing(sqlite3.connect(small_site.database)) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (lines,) = found.execute(
            "SELECT count(*) FROM accounts_auditentry WHERE action = 'schedule.create'"
            " AND result = 'done'"
        ).fetchone()
    assert lines == len(kept) + 1
