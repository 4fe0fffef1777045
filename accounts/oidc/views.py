from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.oidc import services
from containermonkey.addresses import next_page


# A link and not a form: our policy lets no form end on another host, and Chromium counts the
# redirects after it.
@login_not_required
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    target = next_page(request)
    if request.user.is_authenticated:
        return redirect(target)
    return redirect(services.begin(request, target))


@login_not_required
@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    return redirect(services.finish(request))
