"""Problems become what the caller can read: JSON for the API, a toast for htmx, else a page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from containermonkey.problems import Problem

GetResponse = Callable[[HttpRequest], HttpResponse]


class ApiErrors:
    """Gives the errors that Django itself answers below /api/ the API's shape.

    A wrong method, an unknown path, a failed CSRF check never reach the API's own handlers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from containermonkey.api import error_response

        response = self.get_response(request)
        is_error = response.status_code >= 400
        if not (is_error and request.path.startswith("/api/")):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        answer = error_response(response.status_code)
        for header in ("Allow", "Retry-After"):
            if header in response:
                answer[header] = response[header]
        return answer


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
        if not isinstance(error, Problem):
            return None
        if request.htmx:
            messages.error(request, str(error))
            return render(request, "partials/toasts.html", status=error.status)
        return render(
            request, "errors/problem.html", {"problem": error}, status=error.status
        )
