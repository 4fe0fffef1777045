from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import caller
from accounts.rights import needs
from accounts.sessions import services
from containermonkey.figures import counted


@never_cache
@require_safe
@needs("session.see")
def session_list(request: HttpRequest) -> HttpResponse:
    sessions = services.list_sessions(caller(request), request.session.session_key)
    return render(request, "accounts/sessions/list.html", {"sessions": sessions})


@require_POST
@needs("session.end")
def end(request: HttpRequest, reference: UUID) -> HttpResponse:
    services.end_session(caller(request), reference)
    messages.success(request, "Ended the session")
    return redirect("accounts:sessions")


@require_POST
@needs("session.end")
def end_others(request: HttpRequest) -> HttpResponse:
    ended = services.end_others(caller(request), request.session.session_key)
    messages.success(request, f"Ended {counted(ended, 'session')}")
    return redirect("accounts:sessions")
