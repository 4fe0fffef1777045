from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.callers import caller
from accounts.oidc.identities import provider_of
from accounts.rights import needs
from accounts.second_factor import services
from accounts.second_factor.forms import (
    ConfirmForm,
    RenewForm,
    SignInCodeForm,
    SwitchOffForm,
    SwitchOnForm,
)
from accounts.views import show
from containermonkey.addresses import next_page

LOOK_AND_SEND = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@sensitive_post_parameters("otp")
@require_http_methods(LOOK_AND_SEND)
def sign_in_code(request: HttpRequest) -> HttpResponse:
    user, target = services.whose_password(request.session), next_page(request)
    if user is None:
        return redirect("accounts:sign_in")
    form = SignInCodeForm(request, user)
    if form.save():
        return redirect(target)
    return show(request, "accounts/second_factor/sign_in.html", form, next=target)


@never_cache
@require_safe
@needs("second_factor.see")
def overview(request: HttpRequest) -> HttpResponse:
    user = caller(request)
    context = {
        "since": services.since(user),
        "left": services.codes_left(user),
        "provider": provider_of(user),
    }
    return render(request, "accounts/second_factor/overview.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(LOOK_AND_SEND)
@needs("second_factor.change")
def set_up(request: HttpRequest) -> HttpResponse:
    user = caller(request)
    if services.is_on(user):
        return redirect("accounts:second_factor")
    form = SwitchOnForm(request, user)
    if form.save():
        return codes_page(request, form.codes, "The second factor is on")
    secret = services.new_secret(request.session)
    picture = services.picture_of(services.address_for_app(user, secret))
    template = "accounts/second_factor/set_up.html"
    return show(request, template, form, secret=secret, picture=picture)


@never_cache
@sensitive_post_parameters()
@require_http_methods(LOOK_AND_SEND)
@needs("second_factor.change")
def recovery(request: HttpRequest) -> HttpResponse:
    form = RenewForm(request, caller(request))
    if form.save():
        return codes_page(request, form.codes, "New recovery codes")
    return show(request, "accounts/second_factor/recovery.html", form)


@never_cache
@sensitive_post_parameters()
@require_http_methods(LOOK_AND_SEND)
@needs("second_factor.change")
def off(request: HttpRequest) -> HttpResponse:
    form = SwitchOffForm(request, caller(request))
    if form.save():
        messages.success(request, "Your second factor is off")
        return redirect("accounts:second_factor")
    return show(request, "accounts/second_factor/off.html", form)


@never_cache
@sensitive_post_parameters()
@require_http_methods(LOOK_AND_SEND)
@needs("second_factor.confirm")
def confirm(request: HttpRequest) -> HttpResponse:
    form, target = ConfirmForm(request, caller(request)), next_page(request)
    if form.save():
        return redirect(target)
    return show(request, "accounts/second_factor/confirm.html", form, next=target)


def codes_page(request: HttpRequest, codes: list[str], title: str) -> HttpResponse:
    # No redirect: what is shown now can be shown by no other page.
    context = {"codes": codes, "title": title}
    return render(request, "accounts/second_factor/codes.html", context)
