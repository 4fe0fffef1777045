"""jobs.feed: one reader for all who watch"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from jobs import feed as feed_module
from jobs.feed import Feed
from jobs.mailbox import MOST_FRAMES, Mailbox
from jobs.models import Job, Status
from jobs.rendering import Frame
from tests.sockets import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def watching(feed: Feed) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with feed.filling(mailbox):
        yield mailbox


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(feed_module, "POLL_INTERVAL", 0.01)


async def frames(mailbox: Mailbox) -> dict[str, Frame]:
    """What waits in a mailbox, or comes soon."""
    async with asyncio.timeout(PATIENCE):
        return {frame.key: frame for frame in await mailbox.take()}


async def frames_until(mailbox: Mailbox, key: str) -> dict[str, Frame]:
    """Everything up to a frame with this key."""
    found: dict[str, Frame] = {}
    while key not in found:
        found |= await frames(mailbox)
    return found


@sync_to_async
def made(**values) -> Job:
    return Job.objects.create(**{"kind": "backup", "subject": "web", **values})


@sync_to_async
def changed(job: Job, **values) -> None:
    Job.objects.filter(pk=job.pk).update(**values)


async def content(frame: Frame) -> str:
    return json.loads(frame.html)["content"]


async def test_who_begins_to_watch_is_told_how_things_are():
    job = await made(status=Status.RUNNING, percent=41.0)
    await made(subject="db")
    await made(subject="old", status=Status.COMPLETE)
    with watching(Feed()) as mailbox:
        found = await frames_until(mailbox, "chip")
    assert len([key for key in found if len(key) == 36]) == 2
    card = found[str(job.progress_id)]
    assert f'data-hx-target="#job-{job.progress_id}"' in await content(card)
    assert "41 %" in await content(card)
    assert json.loads(card.data)["percent"] == 41.0
    assert "Backup of web" in await content(found["chip"])
    assert json.loads(found["event jobs-changed"].html) == {"event": "jobs-changed"}


async def test_only_what_changes_is_told():
    job, other = await made(status=Status.RUNNING), await made(subject="db")
    with watching(Feed()) as mailbox:
        await frames_until(mailbox, "chip")
        await changed(job, percent=50.0, step="Half <way>")
        found = await frames_until(mailbox, "chip")
        assert str(other.progress_id) not in found
        assert "event jobs-changed" not in found
        assert "Half &lt;way&gt;" in await content(found[str(job.progress_id)])
        await changed(job, log="10:00:00 A line\n")
        assert f"event job-{job.progress_id}" in await frames_until(mailbox, "chip")


async def test_the_end_of_a_job_is_told_and_the_next_moves_up():
    job, behind = await made(status=Status.RUNNING), await made(subject="db")
    with watching(Feed()) as mailbox:
        await frames_until(mailbox, "chip")
        await changed(job, status=Status.FAILED, error="No space.")
        found = await frames_until(mailbox, "event jobs-changed")
        assert json.loads(found[str(job.progress_id)].data)["error"] == "No space."
        assert "Backup of db" in await content(found["chip"])
        await changed(behind, status=Status.CANCELLED)
        found = await frames_until(mailbox, "event jobs-changed")
        assert "<a" not in await content(found["chip"])


async def test_a_cancelled_job_lets_those_behind_it_move_up():
    first, second = await made(), await made(subject="db")
    with watching(Feed()) as mailbox:
        found = await frames_until(mailbox, "chip")
        assert json.loads(found[str(second.progress_id)].data)["queue_position"] == 2
        await changed(first, status=Status.CANCELLED)
        found = await frames_until(mailbox, "event jobs-changed")
        assert json.loads(found[str(second.progress_id)].data)["queue_position"] == 1


async def test_a_job_that_came_and_went_between_two_readings_is_told():
    with watching(Feed()) as mailbox:
        await frames_until(mailbox, "chip")
        job = await made(status=Status.COMPLETE)
        found = await frames_until(mailbox, "event jobs-changed")
        assert json.loads(found[str(job.progress_id)].data)["status"] == "complete"


async def test_one_reader_serves_all_and_ends_with_the_last(monkeypatch):
    readings = 0
    read = feed_module.rows_after

    def counted(before):
        nonlocal readings
        readings += 1
        return read(before)

    monkeypatch.setattr(feed_module, "rows_after", counted)
    monkeypatch.setattr(feed_module, "POLL_INTERVAL", 60)
    feed = Feed()
    with watching(feed) as first:
        await frames_until(first, "chip")
        with watching(feed) as second, watching(feed) as third:
            await frames_until(second, "chip")
            await frames_until(third, "chip")
        reader = feed._reader
        assert not reader.done()
    await asyncio.wait([reader], timeout=PATIENCE)
    assert reader.cancelled()
    assert readings == 1
    with watching(feed) as again:
        await frames_until(again, "chip")
    assert readings == 2


async def test_a_database_that_fails_once_is_asked_again(monkeypatch, caplog):
    read, failures = feed_module.rows_after, iter([True])

    def failing(before):
        if next(failures, False):
            raise DatabaseError("locked")
        return read(before)

    monkeypatch.setattr(feed_module, "rows_after", failing)
    with watching(Feed()) as mailbox:
        await frames_until(mailbox, "chip")
    assert "cannot be read" in caplog.text


async def test_a_slow_watcher_finds_only_the_newest():
    mailbox = Mailbox()
    for number in range(1000):
        mailbox.put(Frame("a", str(number)))
    mailbox.put(Frame("b", "x"))
    assert {key: frame.html for key, frame in (await frames(mailbox)).items()} == {
        "a": "999",
        "b": "x",
    }
    for number in range(MOST_FRAMES + 5):
        mailbox.put(Frame(str(number), ""))
    waiting = await frames(mailbox)
    assert len(waiting) == MOST_FRAMES
    assert "0" not in waiting


async def test_a_watcher_that_takes_nothing_holds_up_nobody():
    job = await made(status=Status.RUNNING)
    feed = Feed()
    with watching(feed), watching(feed) as quick:
        await frames_until(quick, "chip")
        for percent in range(1, 20):
            await changed(job, percent=float(percent))
            found = await frames_until(quick, str(job.progress_id))
            assert json.loads(found[str(job.progress_id)].data)["percent"] == percent


@pytest.fixture(autouse=True)
async def _no_reader_is_left() -> AsyncIterator[None]:
    yield
    left = [task for task in asyncio.all_tasks() if "Feed._read" in repr(task)]
    await asyncio.gather(*left, return_exceptions=True)
    assert all(task.done() for task in left)
