"""Compresses pages and JSON on their way out, and leaves files and streams as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = ("text/", "application/json")


class CompressText(GZipMiddleware):
    """An archive is compressed already, and a part of it must have the length that it states.

    Of a stream Django would make a compressed file for each block, and browsers read the first.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith(TEXT):
            return response
        return super().process_response(request, response)
