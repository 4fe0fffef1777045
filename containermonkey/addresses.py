"""Addresses of this program: which of them are the API's, and to which pages people are sent back.

An address that comes with a request may be anybody's, so only paths on this host count.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


def is_below_api(request: HttpRequest) -> bool:
    """Whether an address has the JSON API's beginning, be there a view behind it or not."""
    return request.path.startswith("/api/")


def is_local_path(path: str) -> bool:
    """Whether a browser that is sent to this stays on this host."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def local_path(request: HttpRequest, url: str | None) -> str:
    """The path and query of an address on this host; `/` for any other."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return "/"
    path = parts._replace(scheme="", netloc="", fragment="").geturl()
    return path if parts.netloc == request.get_host() and is_local_path(path) else "/"


def page_of(request: HttpRequest) -> str:
    """The path of the page that a person sees, to lead them back there.

    A fragment's own address is not a page, nor is that of a form that was posted.
    """
    htmx: HtmxDetails = getattr(request, "htmx", None) or HtmxDetails(request)
    if htmx:
        return local_path(request, htmx.current_url)
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return local_path(request, request.headers.get("Referer"))


def page_before(request: HttpRequest) -> str:
    """Where a person came from on this host; nothing where that is not known, or is here."""
    before = request.headers.get("Referer")
    page = local_path(request, before) if before else ""
    return "" if page in {"/", request.get_full_path()} else page


def next_page(request: HttpRequest) -> str:
    """The page that a form or a link says to go on with, where it is on this host; else `/`."""
    path = request.POST.get("next") or request.GET.get("next") or "/"
    return path if is_local_path(path) else "/"
