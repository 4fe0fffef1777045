from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import record, require
from accounts.rights import needs
from containermonkey.bulk import BarAction
from containers.details.presentation import LARGEST_SHOWN
from images import presentation
from images.newer import check_newer
from images.overview import overview
from images.queries import history_of, image_details

BAR = [BarAction("delete", "Delete", icon="trash", needs="image.delete", danger=True)]


@require_safe
def image_list(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:300] for name in ("search", "state")}
    asked["sort"] = request.GET.get("sort", "name")[:300]
    sizes = "sizes" in request.GET
    seen = overview(**asked, page=request.GET.get("page", "1")[:10], sizes=sizes)
    context = asked | presentation.toolbar(seen, asked, sizes=sizes)
    context |= {"seen": seen, "page": seen.page, "sizes": sizes, "bulk_actions": BAR}
    template = "images/list.html#fragment" if request.htmx else "images/list.html"
    return render(request, template, context)


@require_safe
@never_cache
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    with_values = request.GET.get("values") == "shown"
    if with_values:
        require("image.inspect")
    image = image_details(reference)
    if with_values:
        record("image.inspect", image.title)
    layers = presentation.shown_layers(history_of(image), with_values=with_values)
    context = {
        "image": image,
        "facts": presentation.facts(image),
        "configuration": presentation.configuration(image),
        "layers": layers,
        "with_values": with_values,
    }
    return render(request, "images/detail.html", context)


@require_safe
@never_cache
def inspect(request: HttpRequest, reference: str) -> HttpResponse:
    with_values = request.GET.get("values") == "shown"
    if with_values:
        require("image.inspect")
    image = image_details(reference)
    text = presentation.inspect_text(image, with_values=with_values)
    if with_values:
        record("image.inspect", image.title)
    if "download" in request.GET:
        name = f'attachment; filename="image-{image.short_id}.json"'
        headers = {"Content-Disposition": name}
        return HttpResponse(text, content_type="application/json", headers=headers)
    context = {"image": image, "with_values": with_values, "text": text[:LARGEST_SHOWN]}
    context["is_cut"] = len(text) > LARGEST_SHOWN
    return render(request, "images/inspect.html", context)


@require_POST
@needs("page.see")
def newer(request: HttpRequest, reference: str) -> HttpResponse:
    checks = check_newer(reference)
    if request.htmx:
        return render(request, "images/checks.html", {"checks": checks})
    for check in checks:
        tell = messages.success if check.newer is False else messages.info
        tell(request, check.message)
    return redirect("images:detail", reference)
