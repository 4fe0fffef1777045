"""manage.py backup and manage.py restore"""

import contextlib
import io
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from backups.models import Backup
from jobs.models import Job, Status
from tests.arrange import run_in
from tests.site import ROOT
from tests.waiting import wait_for

PATIENCE = 120
"""Seconds for a command beside the running program, on a machine that is busy."""


class Said:
    """What a command wrote, and its exit status."""

    def __init__(self, *arguments: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.status = 0
        try:
            call_command(*arguments, stdout=out, stderr=err, no_color=True)
        except SystemExit as end:
            self.status = end.code
        self.out, self.err = out.getvalue(), err.getvalue()


@pytest.fixture
def world(data_dir, engine, db):
    """An empty data directory and an Engine, and no worker."""
    return data_dir


# backup


def test_without_a_worker_the_command_does_the_work_itself(world, web):
    said = Said("backup", "web")
    backup = Backup.objects.get()
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert "web: Reading the volume web_data" in lines
    read = lines.index("web: Reading the volume web_data")
    assert lines.index("web: Checking the archive") > read
    assert re.search(rf"^web: complete, {backup.filename}, .+ KiB, in ", said.out, re.MULTILINE)


def test_options_reach_the_archive(world, web):
    said = Said("backup", "web", "--consistency", "stop", "--image", "--bind-mounts")
    assert said.status == 0
    assert "web: Stopping web" in said.out
    assert Job.objects.get().arguments["options"] == {
        "consistency": "stop",
        "include_image": True,
        "include_bind_mounts": True,
    }


def test_all_means_all_but_ourselves(world, make_container):
    make_container("one", start=False)
    make_container("two", start=False)
    make_container("ourselves", labels={"containermonkey.self": "1"}, start=False)
    assert Said("backup", "--all").status == 0
    assert {backup.container_name for backup in Backup.objects.all()} == {"one", "two"}


def test_one_that_is_not_there_does_not_keep_the_others_from_it(world, make_container):
    make_container("one", start=False)
    said = Said("backup", "nothing", "one", "<b>\x1b[31m")
    assert said.status == 1
    assert "nothing: " in said.err
    assert "\x1b" not in said.err
    assert Backup.objects.get().container_name == "one"


def test_one_that_fails_is_named_and_the_others_are_saved(world, make_container):
    make_container("bad", host={"binds": ["/nothing-here/at-all:/data"]}, start=False)
    make_container("good", start=False)
    said = Said("backup", "bad", "good", "--bind-mounts")
    assert said.status == 1
    assert said.err.startswith("bad: ")
    assert "/nothing-here/at-all" in said.err
    assert Backup.objects.get().container_name == "good"


def test_what_was_left_out_is_said(world, make_container):
    make_container("web", host={"binds": ["/srv/photos:/photos"]}, start=False)
    said = Said("backup", "web")
    assert said.status == 0
    assert "web: /photos: Bind mounts were not asked for." in said.out


@pytest.mark.parametrize("arguments", [[], ["web", "--all"]])
def test_it_wants_names_or_all(db, arguments):
    with pytest.raises(CommandError, match="Name containers or stacks, or give --all"):
        Said("backup", *arguments)


def test_an_engine_that_is_down_is_said_so(db, data_dir):
    with pytest.raises(CommandError, match="cannot be reached"):
        Said("backup", "--all")
    said = Said("backup", "web")
    assert said.status == 1
    assert "cannot be reached" in said.err


def test_what_an_earlier_worker_left_is_put_right_first(world, web):
    left = Job.objects.create(kind="backup", subject="old", status=Status.RUNNING)
    assert Said("backup", "web").status == 0
    left.refresh_from_db()
    assert left.status == Status.INTERRUPTED


# restore


def test_a_deleted_container_comes_back(docker, backup):
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")
    said = Said("restore", backup.filename)
    assert (said.status, said.err) == (0, "")
    assert "web: complete" in said.out
    assert run_in(docker, "web", "cat", "/data/first") == "one\n"


def test_what_is_in_the_way_is_said_and_nothing_is_changed(docker, backup, web):
    said = Said("restore", backup.filename)
    assert said.status == 1
    assert "A container has the name web." in said.err
    assert "Settle it with --overwrite-volumes or --keep-volumes." in said.err
    assert docker.inspect_container("web")["Id"] == web


def test_every_option_is_taken(docker, backup):
    said = Said(
        *["restore", backup.filename, "--new-name", "copy", "--port", "80/tcp=8081"],
        *["--keep-volumes", "--on-conflict", "rename", "--no-start"],
    )
    assert said.status == 0, said.err
    copy = docker.inspect_container("copy")
    assert not copy["State"]["Running"]
    assert copy["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == "8081"
    assert Job.objects.last().arguments["options"] == {
        "new_name": "copy",
        "port_overrides": {"80/tcp": 8081},
        "overwrite_volumes": False,
        "on_conflict": "rename",
        "start": False,
    }


def test_a_dry_run_plans_and_changes_nothing(docker, backup, web):
    said = Said("restore", backup.filename, "--dry-run", "--on-conflict", "replace")
    assert said.status == 1
    assert "The volume web_data exists." in said.err
    assert "Settle it with --overwrite-volumes or --keep-volumes." in said.err
    said = Said("restore", backup.filename, "--dry-run", "--on-conflict=replace", "--keep-volumes")
    assert (said.status, said.err) == (0, "")
    assert re.search(r"^web:\n  1\. ", said.out)
    assert docker.inspect_container("web")["Id"] == web
    assert Job.objects.count() == 1


def test_a_port_without_its_protocol_is_tcp(docker, backup):
    arguments = ["--port", "80=8081", "--new-name", "copy", "--keep-volumes", "--no-start"]
    assert Said("restore", backup.filename, *arguments).status == 0
    assert Job.objects.last().arguments["options"]["port_overrides"] == {"80/tcp": 8081}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a", "--port", "80"], "does not look like 80/tcp=8081"),
        (["a", "--port", "80/tcp=http"], "does not look like 80/tcp=8081"),
        (["a", "--port", "80/tcp=70000"], "must be a port from 1 to 65535"),
        (["a", "--new-name", "../b"], "letters, digits"),
        (["a", "b", "--new-name", "c"], "goes with one FILE only"),
        (["a", "--overwrite-volumes", "--keep-volumes"], "not allowed with argument"),
        (["a", "--on-conflict", "hope"], "invalid choice"),
        ([], "Name the FILEs, or give --set"),
    ],
)
def test_wrong_options_are_named(db, arguments, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        Said("restore", *arguments)


def test_what_is_no_backup_is_not_there(world):
    said = Said("restore", "nothing.tar.gz", "/no/where.tar.gz", "../../etc")
    assert said.status == 1
    assert said.err.count("There is no backup and no file named") == 3


# restore of a file that lies elsewhere


@pytest.fixture
def brought(backup, data_dir, docker, tmp_path):
    """An archive on a stick, brought to a host that knows nothing of it."""
    stick = tmp_path / "my stick"
    stick.mkdir()
    brought = stick / "web from home.tar.gz"
    shutil.move(data_dir / "backups" / backup.filename, brought)
    Backup.objects.all().delete()
    docker.remove_container("web", force=True)
    docker.remove_volume("web_data")
    return brought


def test_an_archive_from_elsewhere_is_checked_copied_and_restored(brought, docker, data_dir):
    content = brought.read_bytes()
    said = Said("restore", str(brought))
    assert (said.status, said.err) == (0, "")
    assert run_in(docker, "web", "cat", "/data/first") == "one\n"
    taken_in = Backup.objects.get()
    assert taken_in.verified
    assert taken_in.size == len(content)
    assert taken_in.metadata["volumes"][0]["files"] == 2
    assert (data_dir / "backups" / taken_in.filename).read_bytes() == content
    assert re.fullmatch(r"web_\d{8}_\d{6}\.tar\.gz", taken_in.filename)
    assert brought.exists()


def test_the_same_archive_is_not_taken_in_twice(brought, data_dir):
    Said("restore", str(brought), "--dry-run")
    again = brought.rename(brought.with_name("again.tar.gz"))
    Said("restore", str(again), "--dry-run")
    assert Backup.objects.count() == 1
    assert len(list((data_dir / "backups").iterdir())) == 1


def test_an_archive_put_into_the_backup_directory_is_listed_by_its_name(brought, data_dir):
    shutil.copy(brought, data_dir / "backups" / "home.tar.gz")
    said = Said("restore", "home.tar.gz", "--dry-run")
    assert (said.status, said.err) == (0, "")
    assert Backup.objects.get().filename == "home.tar.gz"


@pytest.mark.parametrize("damage", ["cut", "flip", "foreign"])
def test_what_is_not_whole_is_refused_and_nothing_is_kept(brought, data_dir, docker, damage):
    content = bytearray(brought.read_bytes())
    if damage == "cut":
        del content[-100:]
    elif damage == "flip":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"\x1f\x8b\x08" + bytes(500))
    brought.write_bytes(content)
    said = Said("restore", str(brought))
    assert said.status == 1
    assert str(brought) in said.err
    assert not Backup.objects.exists()
    assert not list((data_dir / "backups").iterdir())
    assert docker.containers(all=True) == []


# beside the running program


def manage(site, *arguments: str, **options) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=site.environment, **options)


def test_beside_a_worker_the_command_only_watches(site, web):
    done = manage(site, "backup", "web", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = done.communicate(timeout=PATIENCE)
    assert (done.returncode, err) == (0, ""), site.log
    assert "web: complete, web_" in out
    assert site.is_well()


def test_ctrl_c_cancels_and_nothing_half_written_is_left(make_site, docker, web, tmp_path):
    marker = tmp_path / "reached"
    site = make_site(
        DJANGO_SETTINGS_MODULE="tests.standing_still",
        STAND_STILL_IN="run_jobs",
        STAND_STILL="before backups.estimate:Estimate.keep_up",
        STAND_STILL_MARKER=str(marker),
    )
    command = manage(
        *[site, "backup", "web", "--consistency", "pause"],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True},
    )
    for line in command.stdout:
        if "Reading the volume web_data" in line:
            break
    command.send_signal(signal.SIGINT)
    wait_for(lambda: marker.exists() and is_asked_to_end(site), "the job to be asked to end")
    marker.unlink()
    _, err = command.communicate(timeout=PATIENCE)
    assert command.returncode == 1
    assert "web: Cancelled on request." in err
    assert docker.inspect_container("web")["State"]["Status"] == "running"
    assert list((site.data_dir / "backups").iterdir()) == []


def is_asked_to_end(site) -> bool:
    with contextlib.closing(sqlite3.connect(site.database, timeout=20)) as database:
        [(asked,)] = database.execute("SELECT cancel_requested FROM jobs_job").fetchall()
        return bool(asked)


def test_on_a_terminal_one_line_is_written_over(site, web):
    terminal, end = pty.openpty()
    command = manage(site, "backup", "web", stdout=end, stderr=end)
    os.close(end)
    written = read_all(terminal)
    assert command.wait(PATIENCE) == 0
    assert b"\r\x1b[K" in written
    assert b"web: complete, web_" in written


def read_all(terminal: int) -> bytes:
    """Everything until the other end is closed, which a terminal reports as an error."""
    written = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        if not piece:
            os.close(terminal)
            return written
        written += piece


def test_the_place_of_a_worker_that_died_is_taken(world, web, monkeypatch):
    monkeypatch.setattr("jobs.management.following.WORKER_GRACE", 0.0)
    looks = []

    def seen_once() -> bool:
        looks.append(1)
        return len(looks) == 1

    monkeypatch.setattr("jobs.management.following.worker_is_alive", seen_once)
    assert Said("backup", "web").status == 0
    assert len(looks) > 1
    assert Backup.objects.exists()
