import sys

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.problems import CsrfFailed
from accounts.rights import needs
from containermonkey.addresses import is_below_api, is_local_path
from containermonkey.api import error_response, problem_response
from containermonkey.context import THEME_COOKIE, is_theme
from containermonkey.database import problem_of
from containermonkey.engine_state import asked_state, moment
from containermonkey.middleware import problem_page
from containermonkey.origins import advice_on
from containermonkey.problems import Invalid, NotAllowed, NotFound, Problem
from jobs.services import worker_is_alive

ONE_YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    well = database_answers() and worker_is_alive()
    return HttpResponse(
        "ok" if well else "unwell", status=200 if well else 503, content_type="text/plain"
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return False
    return True


@require_safe
@never_cache
def engine_state(request: HttpRequest) -> HttpResponse:
    """What every open page asks: a note while the Engine is away, nothing otherwise.

    Once it is back, the parts of the page fetch themselves; a page that is `whole` nothing without
    the Engine is loaded anew.
    """
    if not request.htmx:
        return redirect("system:check")
    state, is_whole = asked_state(request), bool(request.GET.get("whole"))
    since = moment(request.GET.get("since", "")) or state.since
    context = {"state": state, "since": since, "whole": is_whole}
    response = render(request, "partials/engine_change.html", context)
    if not state.away and is_whole:
        response["HX-Refresh"] = "true"
    elif not state.away and request.GET.get("away"):
        response["HX-Trigger"] = "engine-back, containers-changed, events-changed"
    return response


@require_POST
@needs("account.change")
def set_theme(request: HttpRequest) -> HttpResponse:
    theme, page = request.POST.get("theme", ""), request.POST.get("next", "")
    if not is_theme(theme):
        raise Invalid("There is no such theme.")
    response = (
        HttpResponse(status=204) if request.htmx else redirect(page if is_local_path(page) else "/")
    )
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=ONE_YEAR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


@login_not_required
@csrf_exempt
def api_not_found(request: HttpRequest) -> HttpResponse:
    return error_response(404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    advice = advice_on(request)
    if is_below_api(request):
        return problem_response(CsrfFailed(advice))
    sentence = (
        "This form was open for too long, or its page came from elsewhere. "
        "Go back, reload the page and send it again."
    )
    return explain(request, NotAllowed(f"{sentence} {advice}".strip()))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused_by_django(request, Invalid("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused_by_django(request, NotAllowed("You may not do this."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused_by_django(request, NotFound("There is no page at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the error. Not every one is a defect of ours.
    if problem := problem_of(sys.exc_info()[1]):
        return problem_response(problem) if is_below_api(request) else bare_page(problem)
    if is_below_api(request):
        return error_response(500)
    return bare_page(Problem("Something went wrong on the server. Its log says what."))


def refused_by_django(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer to what never reached a view: the API has words of its own for each status."""
    return error_response(problem.status) if is_below_api(request) else explain(request, problem)


def explain(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer in the shape that the caller reads."""
    if is_below_api(request):
        return problem_response(problem)
    # A request that failed early, for a Host that is not ours, has neither user nor messages.
    return problem_page(request, problem) if hasattr(request, "htmx") else bare_page(problem)


def bare_page(problem: Problem) -> HttpResponse:
    """A page that asks nothing of the database, which may be what failed."""
    return HttpResponse(
        render_to_string("errors/bare.html", {"problem": problem}),
        status=problem.status,
        headers=problem.headers,
    )
