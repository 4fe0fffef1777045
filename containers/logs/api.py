"""The log of a container as JSON or text."""

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from containers.logs.options import MOST_LINES, LogOptions
from containers.logs.rendering import plain
from containers.logs.responses import log_response
from containers.logs.services import read_log

router = Router(tags=["Containers"])

Words = Annotated[str, Field(max_length=300)]


class LogQuery(Schema):
    tail: Words = ""
    since: Words = ""
    until: Words = ""
    search: Words = ""
    timestamps: bool = False
    download: bool = False


class LogOut(Schema):
    """`left_out` are lines found before those of the answer, which holds 16 MiB at most.

    `lost` says that the newest lines were rotated away faster than they could be read.
    """

    logs: str
    lines: int
    left_out: int
    lost: bool


@router.get("/container/{id}/logs", response=LogOut)
def logs(request: HttpRequest, id: str, asked: Query[LogQuery]) -> LogOut | HttpResponseBase:
    """The last `tail` (1000, at most 100000) lines, or those of the last that hold `search`.

    `since` and `until` are times, seconds since 1970, or ages such as `10m`. With `download=true`
    or `Accept: text/plain` the log comes as text, streamed: the whole of it, or its last `tail`
    lines where that is given.
    """
    words = asked.dict(include={"tail", "since", "until", "search"})
    if asked.download or prefers_text(request):
        words["tail"] = asked.tail or "all"
        return log_response(id, LogOptions.of(words, most=None, timestamps=asked.timestamps))
    log = read_log(id, LogOptions.of(words, most=MOST_LINES))
    text = plain(log.lines, timestamps=asked.timestamps)
    return LogOut(logs=text, lines=len(log.lines), left_out=log.left_out, lost=log.lost)


def prefers_text(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", "text/plain"]) == "text/plain"
