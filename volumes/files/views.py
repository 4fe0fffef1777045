from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from containermonkey.downloads import content_response
from volumes.files import presentation
from volumes.files.pictures import picture_of


@require_safe
def folder(request: HttpRequest, name: str) -> HttpResponse:
    path, page = request.GET.get("path", "/"), request.GET.get("page", "")
    browsed = presentation.browsed(name, path, page)
    template = "volumes/files/folder.html"
    return render(request, f"{template}#files" if request.htmx else template, vars(browsed))


@require_safe
def shown(request: HttpRequest, name: str) -> HttpResponse:
    file = presentation.shown(name, request.GET.get("path", "/"))
    return render(request, "volumes/files/shown.html", vars(file))


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    kind, content = picture_of(name, request.GET.get("path", "/"))
    response = content_response(content)
    response["Content-Type"] = kind
    return response
