"""Problems become what the caller can read: JSON for the API, a toast for htmx, else a page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from accounts.services import change_due
from containermonkey.problems import Problem

GetResponse = Callable[[HttpRequest], HttpResponse]


class ApiErrors:
    """Gives the errors that Django itself answers below /api/ the API's shape.

    A wrong method, an unknown path, a failed CSRF check never reach the API's own handlers.
    Refuses bodies that are not JSON: a form of another site can send those with our cookie, and
    a sign-in has no token to tell them by.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from containermonkey.api import error_response

        if not request.path.startswith("/api/"):
            return self.get_response(request)
        if has_body(request) and not is_readable(request):
            return error_response(415)
        response = self.get_response(request)
        if response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        answer = error_response(response.status_code)
        for header in ("Allow", "Retry-After"):
            if header in response:
                answer[header] = response[header]
        return answer


def has_body(request: HttpRequest) -> bool:
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    length = request.headers.get("Content-Length", "").strip()
    return length not in {"", "0"} or "Transfer-Encoding" in request.headers


def is_readable(request: HttpRequest) -> bool:
    """Whether the body is JSON, or where files are uploaded a form, which comes with a token."""
    is_upload = request.path.startswith("/api/upload-")
    is_form = request.content_type == "multipart/form-data"
    return request.content_type == "application/json" or (is_upload and is_form)


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer to a person: a toast for htmx, else a page."""
    if request.htmx:
        messages.error(request, str(problem))
        return render(request, "partials/toasts.html", status=problem.status)
    at_home = request.user.is_authenticated and not change_due(request.user)
    context = {"problem": problem, "layout": "base.html" if at_home else "plain.html"}
    return render(request, "errors/problem.html", context, status=problem.status)


class ProblemPages:
    """Shows a Problem that a page's view raised, and tells caches that htmx gets fragments."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            patch_vary_headers(response, ["HX-Request"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return problem_page(request, error) if isinstance(error, Problem) else None
