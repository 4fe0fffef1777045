"""Lines go by their age alone, and that they went is a line."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.trail import retention
from accounts.trail.retention import Daily, prune
from jobs.registry import chores
from jobs.worker import do_chores

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(db: None) -> None:
    """Of 0 to 19 days ago, and a bit."""
    for days in range(20):
        time = timezone.now() - timedelta(days=days, minutes=1)
        AuditEntry.objects.create(time=time, action="a.b", target=str(days), result="done")


def left() -> list[int]:
    return sorted(int(line.target) for line in AuditEntry.objects.filter(action="a.b"))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("prune_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("batch", [1, 3, 5000])
def test_what_is_older_goes_whatever_the_batch(lines, monkeypatch, batch):
    monkeypatch.setattr(retention, "BATCH", batch)
    assert prune(10) == 10
    assert left() == list(range(10))
    line = AuditEntry.objects.get(action="audit.prune")
    assert (line.username, line.target) == ("command line", "lines older than 10 days")
    assert line.details["removed"] == 10


def test_what_is_of_one_moment_goes_together(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    time = timezone.now() - timedelta(days=3)
    for number in range(5):
        AuditEntry.objects.create(time=time, action="a.b", target=str(number), result="done")
    assert prune(1) == 5


def test_where_nothing_went_nothing_is_said(lines):
    assert prune(30) == 0
    assert not AuditEntry.objects.filter(action="audit.prune").exists()


def test_the_command_takes_the_days_or_those_of_the_setting(lines, settings):
    settings.AUDIT_DAYS = 15
    assert run("--dry-run") == "5 lines would be removed.\n"
    assert run("--days", "19", "--dry-run") == "1 line would be removed.\n"
    assert len(left()) == 20
    assert run() == "Removed 5 lines.\n"
    assert run("--days", "10") == "Removed 5 lines.\n"
    assert left() == list(range(10))


def test_the_command_removes_nothing_unless_it_is_told_how_much(lines, settings):
    settings.AUDIT_DAYS = 0
    with pytest.raises(CommandError, match="keeps all lines"):
        run()
    for days in ("0", "-1", "100000"):
        with pytest.raises(CommandError, match="from 1 to"):
            run("--days", days)
    assert len(left()) == 20


def test_the_worker_does_it_once_a_day(lines, settings, monkeypatch):
    settings.AUDIT_DAYS = 10
    daily = Daily()
    monkeypatch.setattr("accounts.handlers.daily", daily)
    do_chores()
    assert left() == list(range(10))
    assert AuditEntry.objects.get(action="audit.prune").username == "the worker"
    settings.AUDIT_DAYS = 5
    do_chores()
    assert left() == list(range(10))
    daily.next_at -= retention.DAY
    do_chores()
    assert left() == list(range(5))


def test_the_worker_goes_on_later_where_it_would_keep_jobs_waiting(lines, settings, monkeypatch):
    settings.AUDIT_DAYS = 10
    monkeypatch.setattr(retention, "PATIENCE", 0.0)
    monkeypatch.setattr(retention, "BATCH", 4)
    daily = Daily()
    for count in (6, 2, 0):
        daily.look()
        assert len(left()) == 10 + count
    assert daily.next_at


def test_the_worker_keeps_everything_unless_it_is_told_otherwise(lines, settings):
    assert settings.AUDIT_DAYS == 0
    assert "audit_lines_past_their_time" in [chore.__name__ for chore in chores()]
    do_chores()
    assert len(left()) == 20
