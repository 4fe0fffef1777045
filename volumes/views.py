from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from containermonkey import figures
from containermonkey.bulk import BarAction, tell_failures
from volumes import deleting
from volumes.annotations import backups_of, last_backups
from volumes.overview import overview
from volumes.queries import volume_details
from volumes.types import VolumeDetails

BAR = [BarAction("delete", "Delete", icon="trash", danger=True)]


@require_safe
def volume_list(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:300],
    }
    sizes = "sizes" in request.GET
    seen = overview(**asked, page=request.GET.get("page", "1")[:10], sizes=sizes)
    kept = [("sizes", "1")] if sizes else []
    context = asked | {"seen": seen, "page": seen.page, "sizes": sizes, "kept": kept}
    context["bulk_actions"] = BAR
    template = "volumes/list.html#listing" if request.htmx else "volumes/list.html"
    return render(request, template, context)


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    volume = volume_details(name)
    context = {"volume": volume, "facts": facts(volume), "backups": backups_of(volume.name)}
    return render(request, "volumes/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        deleting.delete_volume(name)
        messages.success(request, f"Deleted the volume {name[:80]}")
        return redirect("volumes:list")
    volume = volume_details(name)
    deleting.refuse_in_use(volume)
    context = {
        "title": f"Delete the volume {volume.name}?",
        "lost": ["Everything that is in it"],
        "last_backup": last_backups().get(volume.name),
        "submit": "Delete",
        "cancel_url": reverse("volumes:detail", args=[volume.name]),
    }
    return render(request, "volumes/delete.html", context)


@require_POST
def delete_several(request: HttpRequest) -> HttpResponse:
    names = request.POST.getlist("id")
    if not names:
        messages.info(request, "No volume was selected.")
        return redirect("volumes:list")
    if "confirmed" not in request.POST:
        return ask(request, names)
    results = deleting.delete_volumes(names)
    if done := sum(1 for result in results if result.success):
        messages.success(request, f"Deleted {counted(done)}")
    reasons = [str(result.error) for result in results if not result.success]
    tell_failures(request, f"{counted(len(reasons))} could not be deleted.", reasons)
    return redirect("volumes:list")


def ask(request: HttpRequest, names: list[str]) -> HttpResponse:
    saved = last_backups()
    context = {
        "title": f"Delete {counted(len(names))}?",
        "action": reverse("volumes:delete_several"),
        "found": [(name, saved.get(name)) for name in names[: deleting.MOST]],
        "submit": "Delete",
        "cancel_url": reverse("volumes:list"),
    }
    return render(request, "volumes/delete_several.html", context)


def counted(number: int) -> str:
    return f"{number} volume{'' if number == 1 else 's'}"


def facts(volume: VolumeDetails) -> list[tuple[str, str]]:
    lines = [
        ("Driver", volume.driver),
        ("Scope", volume.scope),
        ("Stack", volume.stack or ""),
        ("Created", figures.moment(volume.created) if volume.created else ""),
        ("Folder on the host", volume.mountpoint),
        *((f"Option {name}", value) for name, value in sorted(volume.options.items())),
    ]
    return [(name, value) for name, value in lines if value]
