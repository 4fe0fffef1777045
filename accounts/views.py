from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import AccountForm, PasswordForm, SignInForm
from accounts.middleware import is_local_path


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = next_page(request)
    form = SignInForm(request)
    if form.save() or (request.user.is_authenticated and not form.is_bound):
        return redirect(target)
    return show(request, "accounts/sign_in.html", form, next=target)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    services.sign_out(request)
    return redirect("accounts:sign_in")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request)
    if form.save():
        messages.success(request, "Your sign-in was changed; your other sessions have ended.")
        return redirect("home")
    return show(request, "accounts/password.html", form)


def show(request: HttpRequest, template: str, form: AccountForm, **context: object) -> HttpResponse:
    response = render(request, template, {"form": form, **context}, status=form.status)
    for name, value in form.problem.headers.items() if form.problem else ():
        response[name] = value
    return response


def next_page(request: HttpRequest) -> str:
    path = request.POST.get("next") or request.GET.get("next") or "/"
    return path if is_local_path(path) else "/"
