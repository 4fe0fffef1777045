"""Problems become what the caller can read: JSON for the API, a toast for htmx, else a page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.gate import pass_gate
from accounts.middleware import is_api, send_to
from accounts.problems import FreshCodeNeeded
from accounts.services import change_due
from containermonkey.addresses import is_below_api, page_before, page_of
from containermonkey.problems import EngineUnreachable, NotAllowed, Problem
from containermonkey.uploads import takes_files
from engine.patience import PATIENCE, patient_for

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

        if not is_below_api(request):
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
    """Whether the body is JSON; an upload's is looked at by its view, which asks for a token."""
    return request.content_type == "application/json" or takes_files(request.path)


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer to a person: a toast for htmx, else a page."""
    is_away = isinstance(problem, EngineUnreachable)
    if request.htmx:
        # A part that only brings itself up to date has the note say it, and stays as it is.
        is_told = is_away and "X-Refresh" in request.headers
        if not is_told:
            messages.error(request, str(problem))
        template = "partials/engine_lost.html" if is_away else "partials/toasts.html"
        return render(request, template, {"is_told": is_told}, status=problem.status)
    at_home = request.user.is_authenticated and not change_due(request.user)
    context = {
        "problem": problem,
        "layout": "base.html" if at_home else "plain.html",
        # What was sent would be sent again.
        "reloads": is_away and request.method == "GET",
        "back": page_before(request),
    }
    template = "errors/engine_away.html" if is_away and at_home else "errors/problem.html"
    response = render(request, template, context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


class Patience:
    """Has the Engine answer in a few seconds what is asked for a page or a call that only reads.

    What comes after the head of an answer, as a download, is made beyond this, and what is done
    has a time of its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with patient_for(PATIENCE):
            return self.get_response(request)


def ask_for_code(request: HttpRequest) -> HttpResponse:
    """Send a person to where a code of their second factor is asked for, and back from there."""
    query = urlencode({"next": page_of(request)})
    return send_to(request, f"{reverse('accounts:confirm_code')}?{query}")


class Gate:
    """Refuses what takes a right that the caller lacks; the API says so in its own order."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_open = not getattr(view, "login_required", True)
        if is_open or not request.user.is_authenticated or change_due(request.user):
            return None
        try:
            pass_gate(request, view)
        except FreshCodeNeeded as problem:
            if not is_api(request):
                return ask_for_code(request)
            request.refusal = problem
        except NotAllowed as problem:
            if not is_api(request):
                return problem_page(request, problem)
            request.refusal = problem
        return None


class ProblemPages:
    """Shows a Problem that a page's view raised, and tells caches that htmx gets fragments."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_below_api(request):
            patch_vary_headers(response, ["HX-Request"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, FreshCodeNeeded):
            return ask_for_code(request)
        return problem_page(request, error) if isinstance(error, Problem) else None
