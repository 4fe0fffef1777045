from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import AccountForm
from accounts.people import services
from accounts.people.access import KINDS, access_of, kind_of, take_back
from accounts.people.forms import (
    DeleteForm,
    NewUserForm,
    OneTimePasswordForm,
    RenameForm,
    RoleForm,
)
from accounts.people.presentation import facts_of, role_select, ways_in
from accounts.people.queries import Person, find_person, people_page
from accounts.people.services import Admission
from accounts.rights import needs

FORM = ["GET", "HEAD", "POST"]


@require_safe
@needs("user.see")
def people_list(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:300],
        "role": request.GET.get("role", "")[:300],
    }
    context = asked | {
        "page": people_page(**asked, page=request.GET.get("page", "1")[:10]),
        "selects": [role_select(asked["role"])],
    }
    template = "accounts/people/list.html"
    return render(request, f"{template}#listing" if request.htmx else template, context)


@require_safe
@needs("user.see")
def detail(request: HttpRequest, key: int) -> HttpResponse:
    person = find_person(key)
    context = {
        "person": person,
        "facts": facts_of(person),
        "ways_in": ways_in(access_of(key)),
        "kinds": KINDS.items(),
        "is_self": request.user.pk == key,
    }
    return render(request, "accounts/people/detail.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(FORM)
@needs("user.create")
def new(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(request)
    if form.save():
        return admitted(request, form.admission, "Made the user")
    back = reverse("accounts:users")
    return ask(request, form, "new", back, title="Make a user", submit="Make the user")


@require_http_methods(FORM)
@needs("user.change_role")
def change_role(request: HttpRequest, key: int) -> HttpResponse:
    form = RoleForm(request, find_person(key))
    if form.save():
        messages.success(request, f"{form.person.username} is {form.person.role_words} now.")
        return redirect("accounts:user", key)
    title = f"Change the role of {form.person.username}"
    return ask(request, form, "role", person_page(key), title=title, submit="Change the role")


@require_http_methods(FORM)
@needs("user.switch")
def switch(request: HttpRequest, key: int) -> HttpResponse:
    person = find_person(key)
    if request.method == "POST":
        person = services.switch_user(key, request.POST.get("on") == "1")
        can = "can sign in again" if person.is_active else "is switched off and signed out"
        messages.success(request, f"{person.username} {can}.")
        return redirect("accounts:user", key)
    turn = "off" if person.is_active else "on"
    context = {
        "title": f"Switch {person.username} {turn}?",
        "person": person,
        "submit": f"Switch {turn}",
        "harmless": not person.is_active,
        "cancel_url": person_page(key),
    }
    return render(request, "accounts/people/switch.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(FORM)
@needs("user.reset_password")
def reset_password(request: HttpRequest, key: int) -> HttpResponse:
    form = OneTimePasswordForm(request, find_person(key))
    if form.save():
        return admitted(request, form.admission, "Gave a one-time password to")
    title = f"Give {form.person.username} a one-time password"
    back = person_page(key)
    return ask(request, form, "reset_password", back, title=title, submit="Give it")


@require_http_methods(FORM)
@needs("user.take_back")
def access(request: HttpRequest, key: int, name: str) -> HttpResponse:
    kind, person = kind_of(name), find_person(key)
    if request.method == "POST":
        take_back(key, name)
        messages.success(request, kind.done.format(name=person.username))
        return redirect("accounts:user", key)
    context = {
        "title": kind.question.format(name=person.username),
        "lost": [kind.lost],
        "kept": ["The account, its password and its role"],
        "submit": kind.label,
        "cancel_url": person_page(key),
    }
    return render(request, "confirm.html", context)


@require_http_methods(FORM)
@needs("user.rename")
def rename(request: HttpRequest, key: int) -> HttpResponse:
    form = RenameForm(request, find_person(key))
    before = form.person.username
    if form.save():
        messages.success(request, f"{before} is called {form.person.username} now.")
        return redirect("accounts:user", key)
    return ask(request, form, "rename", person_page(key), title=f"Rename {before}", submit="Rename")


@require_http_methods(FORM)
@needs("user.delete")
def delete(request: HttpRequest, key: int) -> HttpResponse:
    form = DeleteForm(request, find_person(key))
    username = form.person.username
    if form.save():
        messages.success(request, f"Deleted the user {username}.")
        return redirect("accounts:users")
    context = {
        "title": f"Delete the user {username}?",
        "lost": ["The account, with its password and its sessions"],
        "kept": kept_after(form.person),
        "must_type": username,
        "typed": form["confirm"].value() or "",
        "error": " ".join([*form.errors.get("confirm", []), *form.non_field_errors()]),
        "submit": "Delete",
        "cancel_url": person_page(key),
    }
    return render(request, "confirm.html", context, status=form.status)


def ask(
    request: HttpRequest, form: AccountForm, template: str, back: str, **context: Any
) -> HttpResponse:
    """The page or dialog with a form, perhaps again."""
    shown = {"form": form, "cancel_url": back, "harmless": True, **context}
    return render(request, f"accounts/people/{template}.html", shown, status=form.status)


def admitted(request: HttpRequest, admission: Admission, done: str) -> HttpResponse:
    """Show the password that was made, this once; where it was typed in, it is known."""
    person = admission.person
    if not admission.made:
        messages.success(request, f"{done} {person.username}.")
        return redirect("accounts:user", person.id)
    context = {
        "title": f"{done} {person.username}",
        "person": person,
        "password": admission.password,
        "cancel_url": person_page(person.id),
    }
    return render(request, "accounts/people/password_made.html", context)


def kept_after(person: Person) -> list[str]:
    """What is left of somebody who is deleted."""
    back = f"A way back: {person.provider} may let them in anew. Switching them off keeps them out"
    return [
        "What they did, in the audit trail, with their name",
        "The backups, jobs and schedules that they asked for",
        *([back] if person.provider else []),
    ]


def person_page(key: int) -> str:
    return reverse("accounts:user", args=[key])
