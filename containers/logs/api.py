"""The log of a container as JSON or text."""

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from containers.logs.options import LogOptions
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
    """`left_out` are lines found that lie before those of the answer."""

    logs: str
    lines: int
    left_out: int


@router.get("/container/{id}/logs", response=LogOut)
def logs(request: HttpRequest, id: str, asked: Query[LogQuery]) -> LogOut | HttpResponseBase:
    """The last `tail` (1000, at most 10000) lines, or those of the last that hold `search`.

    `since` and `until` are times, seconds since 1970, or ages such as `10m`. With `download=true`
    or `Accept: text/plain` the whole log comes as text, streamed, however long it is.
    """
    words = asked.dict(include={"tail", "since", "until", "search"})
    options = LogOptions.of(words, timestamps=asked.timestamps)
    if asked.download or request.get_preferred_type(["application/json", "text/plain"]) == (
        "text/plain"
    ):
        return log_response(id, options)
    log = read_log(id, options)
    text = plain(log.lines, timestamps=options.timestamps)
    return LogOut(logs=text, lines=len(log.lines), left_out=log.left_out)
