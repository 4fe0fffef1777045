from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from containermonkey import figures, listing
from containermonkey.bulk import BarAction, tell_deleted
from volumes import deleting, sizes
from volumes.annotations import backups_of, last_backups
from volumes.forms import VolumeForm
from volumes.overview import overview
from volumes.presentation import facts
from volumes.pruning import Pruned, prune_volumes, unused_volumes
from volumes.queries import is_there, volume_details

BAR = [BarAction("delete", "Delete", icon="trash", needs="volume.delete", danger=True)]


@require_safe
def volume_list(request: HttpRequest) -> HttpResponse:
    asked = {
        "search": request.GET.get("search", "")[:300],
        "sort": request.GET.get("sort", "name")[:300],
    }
    # A part that only brings itself up to date asks for nothing new.
    if "sizes" in request.GET and "X-Refresh" not in request.headers:
        sizes.ask_for_sizes()
    seen = overview(**asked, page=request.GET.get("page", "1")[:10])
    kept = listing.kept(asked | {"sizes": "1" if "sizes" in request.GET else ""})
    context = asked | {"seen": seen, "page": seen.page, "kept": kept, "bulk_actions": BAR}
    template = "volumes/list.html#fragment" if request.htmx else "volumes/list.html"
    return render(request, template, context)


@require_POST
@needs("page.see")
def count_sizes(request: HttpRequest) -> HttpResponse:
    sizes.begin_to_count()
    asked = request.GET.copy()
    asked["sizes"] = "1"
    return redirect(f"{reverse('volumes:list')}?{asked.urlencode()}")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("volume.create")
def create(request: HttpRequest) -> HttpResponse:
    form = VolumeForm(request)
    volume = form.save()
    if volume:
        messages.success(request, f"Created the volume {volume.name}")
        return redirect("volumes:detail", volume.name)
    context = {
        "title": "Create a volume",
        "text": "It is empty until a container that mounts it writes into it.",
        "form": form,
        "submit": "Create",
        "harmless": True,
        "cancel_url": reverse("volumes:list"),
    }
    return render(request, "volumes/create.html", context, status=form.status)


@require_safe
def shortcut(request: HttpRequest, name: str, to: str) -> HttpResponse:
    # A volume may be called as the act is.
    return detail(request, name) if is_there(name) else redirect(to)


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    volume = volume_details(name)
    context = {"volume": volume, "facts": facts(volume), "backups": backups_of(volume.name)}
    return render(request, "volumes/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("volume.delete")
def delete(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        deleting.delete_volume(name)
        messages.success(request, f"Deleted the volume {name[:80]}")
        return redirect("volumes:list")
    volume = deleting.deletable(name)
    context = {
        "title": f"Delete the volume {volume.name}?",
        "lost": ["Everything that is in it"],
        "last_backup": last_backups().get(volume.name),
        "submit": "Delete",
        "cancel_url": reverse("volumes:detail", args=[volume.name]),
    }
    return render(request, "volumes/delete.html", context)


@require_POST
@needs("volume.delete")
def delete_several(request: HttpRequest) -> HttpResponse:
    names = request.POST.getlist("id")
    if not names:
        messages.info(request, "No volume was selected.")
        return redirect("volumes:list")
    if "confirmed" not in request.POST:
        return ask(request, names)
    results = deleting.delete_volumes(names)
    tell_deleted(request, "volume", [result.error for result in results])
    return redirect("volumes:list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("volume.prune")
def prune(request: HttpRequest) -> HttpResponse:
    everything = "all" in request.GET
    if request.method == "POST":
        tell_pruned(request, prune_volumes(request.POST.getlist("id"), everything=everything))
        return redirect("volumes:list")
    preview = unused_volumes(everything=everything)
    context = {"preview": preview, "everything": everything}
    return render(request, "volumes/prune.html", context)


def tell_pruned(request: HttpRequest, pruned: Pruned) -> None:
    if pruned.deleted:
        deleted = figures.counted(len(pruned.deleted), "volume")
        room = f", {figures.size(pruned.space.size)}" if pruned.space.exact is not None else ""
        messages.success(request, f"Deleted {deleted}{room}")
    elif not pruned.failed:
        messages.info(request, "No volume was selected.")
    tell_deleted(request, "volume", [str(result.error) for result in pruned.failed])


def ask(request: HttpRequest, names: list[str]) -> HttpResponse:
    saved = last_backups()
    context = {
        "title": f"Delete {figures.counted(len(names), 'volume')}?",
        "action": reverse("volumes:delete_several"),
        "found": [(name, saved.get(name)) for name in names[: deleting.MOST]],
        "submit": "Delete",
        "cancel_url": reverse("volumes:list"),
    }
    return render(request, "volumes/delete_several.html", context)
