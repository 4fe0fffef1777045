from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containermonkey import figures
from volumes.annotations import backups_of
from volumes.queries import volume_details
from volumes.types import VolumeDetails


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    volume = volume_details(name)
    context = {"volume": volume, "facts": facts(volume), "backups": backups_of(volume.name)}
    return render(request, "volumes/detail.html", context)


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
