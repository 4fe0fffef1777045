"""Django's admin: signed in to by our own page; users and groups are in `accounts.people.admin`."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import ApiToken, AuditEntry
from accounts.people import admin as people_admin  # noqa: F401 - registers users and groups
from containermonkey.admin_pages import LookOnly
from containermonkey.problems import NotAllowed


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    list_display = ["time", "username", "address", "action", "target", "result", "problem"]
    list_filter = ["result", "action", "time"]
    search_fields = ["username", "address", "action", "target", "problem"]
    date_hierarchy = "time"


@admin.register(ApiToken)
class ApiTokenAdmin(LookOnly):
    list_display = ["name", "user", "role", "start", "expires_at", "last_used_at", "last_address"]
    list_filter = ["role", "expires_at"]
    search_fields = ["name", "user__username", "start", "last_address"]
    list_select_related = ["user"]


@login_not_required
def sign_in(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    if request.user.is_authenticated:
        raise NotAllowed("Only administrators may see this page.")
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


def change_password(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    return redirect("accounts:password")


# The admin has pages of its own for both, which know no limit of attempts and would leave
# `must_change_password` as it is.
admin.site.login = sign_in  # type: ignore[method-assign]
admin.site.password_change = change_password  # type: ignore[method-assign, assignment]
