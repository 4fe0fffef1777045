from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.rights import needs
from containermonkey.bulk import BarAction
from containermonkey.downloads import content_response
from volumes.files import presentation
from volumes.files.pictures import picture_of

BAR = [BarAction("delete", "Delete", icon="trash", needs="volume.delete_file", danger=True)]


@require_safe
def folder(request: HttpRequest, name: str) -> HttpResponse:
    path, page = request.GET.get("path", "/"), request.GET.get("page", "")
    browsed = presentation.browsed(name, path, page)
    template = "volumes/files/folder.html"
    context = vars(browsed) | {"bulk_actions": BAR}
    return render(request, f"{template}#files" if request.htmx else template, context)


@require_safe
@needs("volume.read_file")
def shown(request: HttpRequest, name: str) -> HttpResponse:
    path = request.GET.get("path", "/")
    file = presentation.shown(name, path)
    record("volume.read_file", name, path=path)
    return render(request, "volumes/files/shown.html", vars(file))


@require_safe
@needs("volume.read_file")
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    kind, content = picture_of(name, request.GET.get("path", "/"))
    response = content_response(content)
    response["Content-Type"] = kind
    return response
