"""A log as an HTTP answer that has no end in our memory."""

from collections.abc import AsyncGenerator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from containers.logs.options import LogOptions
from containers.logs.services import download_log


class Blocks:
    """Gives the blocks to an asynchronous server as they come."""

    def __init__(self, blocks: AsyncGenerator[bytes, None]) -> None:
        self._blocks = blocks

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        return self._blocks


def log_response(reference: str, options: LogOptions) -> HttpResponseBase:
    """The log as a text file, streamed."""
    return text_response(*download_log(reference, options))


def text_response(name: str, blocks: AsyncGenerator[bytes, None]) -> HttpResponseBase:
    """Blocks of text as the file `<name>.log`."""
    response = StreamingHttpResponse(Blocks(blocks), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.log")
    response["Cache-Control"] = "no-store"
    return response
