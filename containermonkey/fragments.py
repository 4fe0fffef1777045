"""What an answer to htmx needs beside its content: the toasts, and redirects out of a dialog."""

from collections.abc import Callable

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

DIALOG = "#dialog"


class Fragments:
    """Lets messages ride along with a fragment, and ends a dialog by loading the next page.

    Without scripts both happen by themselves: the next page shows the messages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.htmx:
            return response
        if "Location" in response and in_dialog(request):
            response["HX-Redirect"] = response["Location"]
            del response["Location"]
            response.status_code = 200
        elif takes_toasts(request, response):
            toasts = render_to_string("partials/toasts.html", request=request)
            response.content += toasts.encode()
        return response


def in_dialog(request: HttpRequest) -> bool:
    return (request.htmx.target or "").endswith(DIALOG)


def takes_toasts(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether there are messages that neither this fragment nor the page after it shows.

    A part that only brings itself up to date takes none: it may ask at any moment, also while the
    page is already being left for the one that the messages are for.
    """
    is_html = response.get("Content-Type", "").startswith("text/html")
    leads_on = {"Location", "HX-Redirect", "HX-Refresh"} & set(response.headers)
    refreshes = "X-Refresh" in request.headers
    if response.streaming or leads_on or not is_html or refreshes:
        return False
    stored = get_messages(request)
    return not getattr(stored, "used", False) and len(stored) > 0
