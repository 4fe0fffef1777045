from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import AccountForm, PasswordForm, SignInForm
from accounts.oidc.identities import provider_of
from accounts.rights import needs
from containermonkey.addresses import next_page


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = next_page(request)
    form = SignInForm(request)
    saved = form.save()
    if form.asks_for_code:
        query = urlencode({"next": target})
        return redirect(f"{reverse('accounts:sign_in_code')}?{query}")
    if saved or (request.user.is_authenticated and not form.is_bound):
        return redirect(target)
    return show(request, "accounts/sign_in.html", form, next=target, oidc=settings.OIDC)


@require_POST
@needs("account.sign_out")
def sign_out(request: HttpRequest) -> HttpResponse:
    services.sign_out(request)
    return redirect("accounts:sign_in")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@needs("account.change")
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request)
    if form.save():
        messages.success(request, "Your sign-in was changed; your other sessions have ended.")
        return redirect("home")
    return show(request, "accounts/password.html", form, provider=provider_of(request.user))


def show(request: HttpRequest, template: str, form: AccountForm, **context: object) -> HttpResponse:
    response = render(request, template, {"form": form, **context}, status=form.status)
    for name, value in form.problem.headers.items() if form.problem else ():
        response[name] = value
    return response
