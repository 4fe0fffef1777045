from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.callers import caller
from accounts.rights import needs
from accounts.tokens import services
from accounts.tokens.forms import TokenForm


@never_cache
@require_safe
@needs("token.see")
def token_list(request: HttpRequest) -> HttpResponse:
    tokens = services.list_tokens(caller(request))
    return render(request, "accounts/tokens/list.html", {"tokens": tokens})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("token.create")
def new(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request, caller(request))
    if form.save():
        # No redirect: what is shown now can be shown by no other page.
        return render(request, "accounts/tokens/made.html", {"made": form.made})
    return render(request, "accounts/tokens/new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("token.delete")
def delete(request: HttpRequest, key: int) -> HttpResponse:
    token = services.find_token(caller(request), key)
    if request.method == "POST":
        services.delete_token(caller(request), key)
        messages.success(request, f"Deleted the token {token.name}")
        return redirect("accounts:tokens")
    context = {
        "title": f"Delete the token {token.name}?",
        "lost": ["Whatever uses it is let in no more, from now on"],
        "kept": ["What was done by it, and its lines in the audit trail"],
        "submit": "Delete it",
        "cancel_url": reverse("accounts:tokens"),
    }
    return render(request, "confirm.html", context)
