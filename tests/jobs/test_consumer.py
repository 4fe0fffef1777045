"""/ws/progress"""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter

from jobs.models import Job, Status
from jobs.routing import urlpatterns
from tests import sockets

pytestmark = pytest.mark.django_db(transaction=True)


class Socket(sockets.Socket):
    """A watcher; who may be one is not this test's subject."""

    def __init__(self, query: str = "") -> None:
        super().__init__(URLRouter(urlpatterns), f"/ws/progress{query}")

    async def __aenter__(self) -> "Socket":
        connected, _ = await self.connect()
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    async def frame_with(self, text: str) -> dict[str, Any]:
        """The first frame in which this occurs."""
        while text not in (frame := await self.receive_from()):
            pass
        return json.loads(frame)


@sync_to_async
def made(**values) -> Job:
    return Job.objects.create(**{"kind": "backup", "subject": "web", **values})


@sync_to_async
def changed(job: Job, **values) -> None:
    Job.objects.filter(pk=job.pk).update(**values)


async def test_pages_get_fragments_as_a_job_goes_on():
    job = await made(status=Status.RUNNING, percent=5.0)
    async with Socket() as socket:
        assert await socket.frame_with("jobs-changed") == {"event": "jobs-changed"}
        frame = await socket.frame_with(f"#job-{job.progress_id}")
        assert frame["content"].startswith("<hx-partial")
        await changed(job, percent=66.0)
        assert "66 %" in (await socket.frame_with(f"#job-{job.progress_id}"))["content"]
        assert "66 %" in (await socket.frame_with("#job-chip"))["content"]


async def test_programs_get_progress():
    job = await made(status=Status.RUNNING, percent=5.0)
    async with Socket("?format=json") as socket:
        first = json.loads(await socket.receive_from())
        assert (first["progress_id"], first["percent"]) == (str(job.progress_id), 5.0)
        assert first["created_at"].endswith("Z")
        await changed(job, status=Status.COMPLETE, percent=100.0)
        last = json.loads(await socket.receive_from())
        assert (last["status"], last["percent"]) == ("complete", 100.0)


async def test_what_the_other_side_says_is_not_listened_to():
    job = await made(status=Status.RUNNING)
    async with Socket() as socket:
        await socket.send_to(text_data="{")
        await socket.send_to(bytes_data=b"\xff\x00")
        await socket.send_to(text_data="x" * 100_000)
        assert await socket.frame_with(str(job.progress_id))


async def test_a_hostile_name_is_plain_text():
    await made(status=Status.RUNNING, subject="<script>alert(1)</script>")
    async with Socket() as socket:
        frame = await socket.frame_with("#job-chip")
        assert "<script" not in frame["content"]
        assert "&lt;script&gt;" in frame["content"]


async def test_a_query_that_makes_no_sense_is_no_matter():
    await made(status=Status.RUNNING)
    async with Socket("?format=xml&format=json&%ff=%00") as socket:
        assert await socket.frame_with("#job-chip")
