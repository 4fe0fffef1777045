from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from system.check.services import check_environment


@require_safe
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    template = "system/check.html"
    return render(
        request,
        f"{template}#checks" if request.htmx else template,
        {"report": check_environment()},
    )
