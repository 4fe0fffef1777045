"""Users and groups in Django's admin, which keeps the rules of our own pages.

Only superusers change anything there: whoever else is let in as staff cannot raise themselves.
A new user, and a new password, are given on our own pages, where they serve once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.audit import record
from accounts.models import User
from accounts.people.last import an_administrator_stays
from accounts.people.presentation import role_select
from accounts.people.queries import RANKS, of_role, ranked
from accounts.rights import Role
from accounts.sessions import services as sessions
from containermonkey.problems import Conflict, Problem

POWERS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class Guarded(admin.ModelAdmin):
    """Rows whose change could leave no administrator. Changes are in the audit trail: what was
    and what is, of that which `state` tells."""

    def state(self, thing: Model) -> dict[str, Any]:
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        with self.guarded(request, "change" if object_id else "create", object_id or ""):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, *rest: Any) -> Any:
        with self.guarded(request, "delete", object_id):
            return super().delete_view(request, object_id, *rest)

    def changelist_view(self, request: HttpRequest, *rest: Any) -> Any:
        picked = " ".join(request.POST.getlist("_selected_action"))
        with self.guarded(request, "delete", picked):
            return super().changelist_view(request, *rest)

    @contextmanager
    def guarded(self, request: HttpRequest, verb: str, keys: str) -> Iterator[None]:
        """What is refused is undone as a whole, and is in the audit trail all the same."""
        if request.method != "POST":
            yield
            return
        try:
            with an_administrator_stays():
                yield
        except Problem as problem:
            self.write_down(verb, self.names_of(keys), problem=str(problem))
            raise

    def names_of(self, keys: str) -> str:
        numbers = [int(key) for key in keys.split() if key.isascii() and key.isdigit()]
        return ", ".join(str(thing) for thing in self.model._default_manager.filter(pk__in=numbers))

    def write_down(self, verb: str, target: str, **details: Any) -> None:
        record(f"{self.opts.model_name}.{verb}", target, where="administration pages", **details)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        kept = self.model._default_manager.filter(pk=obj.pk).first()
        request.state_before = self.state(kept) if kept else {}  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.write_down("create", str(obj), **self.state(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        before: dict[str, Any] = request.state_before  # type: ignore[attr-defined]
        after = self.state(obj)
        changed = {key: value for key, value in after.items() if value != before[key]}
        was = {key: before[key] for key in changed}
        self.write_down("change", self.called(before, obj), before=was, after=changed)
        return super().log_change(request, obj, message)

    def called(self, before: dict[str, Any], obj: Any) -> str:
        """What it was called before the change."""
        return str(before.get("name", obj))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for thing in queryset:
            self.write_down("delete", str(thing), **self.state(thing))
        return super().log_deletions(request, queryset)


class RoleFilter(admin.SimpleListFilter):
    title, parameter_name = "role", "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return role_select("")["options"][1:]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return of_role(queryset, self.value() or "")


class UserForm(UserChangeForm):
    password = None  # type: ignore[assignment]  # not even the hash is anybody's business


@admin.register(User)
class UserAdmin(Guarded, DjangoUserAdmin):
    form = UserForm
    fieldsets = [
        (None, {"fields": ["username", "role", "must_change_password", "comes_from"]}),
        ("Personal info", {"fields": ["first_name", "last_name", "email"]}),
        ("Permissions", {"fields": list(POWERS)}),
        ("Important dates", {"fields": ["last_login", "date_joined"]}),
    ]
    list_display = ["username", "role", "is_active", "must_change_password", "last_login"]
    list_display += ["comes_from"]
    list_filter = [RoleFilter, "is_active", "must_change_password", "groups"]
    readonly_fields = ["role", "comes_from", "last_login", "date_joined"]

    @admin.display(ordering="rank")
    def role(self, user: Any) -> str:
        found = RANKS.get(user.rank)
        return found.label if found else "None"

    @admin.display(ordering="identity__issuer", empty_value="Here")
    def comes_from(self, user: Any) -> str | None:
        identity = getattr(user, "identity", None)
        return str(identity) if identity else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ranked().select_related("identity").order_by("username")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Nobody changes what they may do themselves."""
        is_oneself = obj is not None and obj.pk == request.user.pk
        return [*self.readonly_fields, *(POWERS if is_oneself else ())]

    def add_view(self, request: HttpRequest, *rest: Any, **more: Any) -> HttpResponse:
        return redirect("accounts:new_user")

    def user_change_password(self, request: HttpRequest, id: str, *rest: Any) -> HttpResponse:
        return redirect("accounts:user_password", id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            sessions.drop(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        refuse_oneself(request, [obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        refuse_oneself(request, queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)

    def called(self, before: dict[str, Any], obj: Any) -> str:
        return str(before["username"])

    def state(self, thing: Any) -> dict[str, Any]:
        plain = ("username", "first_name", "last_name", "email", "must_change_password")
        return {
            **{name: getattr(thing, name) for name in (*plain, *POWERS[:3])},
            "groups": sorted(thing.groups.values_list("name", flat=True)),
            "rights": sorted(thing.user_permissions.values_list("codename", flat=True)),
        }


def refuse_oneself(request: HttpRequest, keys: Any) -> None:
    if request.user.pk in keys:
        raise Conflict("Nobody deletes themselves; ask another administrator.")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(Guarded, DjangoGroupAdmin):
    """Sets of rights. Those of the roles are the program's: it would put them back."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not is_of_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_of_role(obj)

    def state(self, thing: Any) -> dict[str, Any]:
        rights = thing.permissions.values_list("codename", flat=True)
        return {"name": thing.name, "rights": sorted(rights)}


def is_of_role(group: Group | None) -> bool:
    return group is not None and group.name in Role.values
