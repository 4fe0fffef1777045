"""The logs of a stack as JSON or text."""

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from containers.logs.api import LogQuery, prefers_text
from containers.logs.options import MOST_LINES, LogOptions
from containers.logs.responses import text_response
from stacks.logs.rendering import plain
from stacks.logs.services import download_logs, read_logs

router = Router(tags=["Stacks"])


class StackLogQuery(LogQuery):
    service: Annotated[str, Field(max_length=300)] = ""


class StackLogOut(Schema):
    """`unread` says whose log could not be read, or not to its end, and why."""

    logs: str
    lines: int
    left_out: int
    unread: list[str]


@router.get("/stack/{name}/logs", response=StackLogOut)
def logs(
    request: HttpRequest, name: str, asked: Query[StackLogQuery]
) -> StackLogOut | HttpResponseBase:
    """The last lines of all containers of a stack by time, each after its container's name.

    Takes what `GET /api/container/{id}/logs` takes, and `service` for one service alone.
    """
    words = asked.dict(include={"tail", "since", "until", "search"})
    if asked.download or prefers_text(request):
        words["tail"] = asked.tail or "all"
        options = LogOptions.of(words, most=None, timestamps=asked.timestamps)
        return text_response(*download_logs(name, asked.service, options))
    found = read_logs(name, asked.service, LogOptions.of(words, most=MOST_LINES))
    text = plain(found.lines, timestamps=asked.timestamps)
    return StackLogOut(
        logs=text, lines=len(found.lines), left_out=found.left_out, unread=found.unread
    )
