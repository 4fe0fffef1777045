from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import needs
from containermonkey.downloads import content_response
from images.transfer.exporting import export_images
from images.transfer.forms import ImportForm


@require_safe
@needs("image.export")
def export(request: HttpRequest) -> HttpResponseBase:
    return content_response(export_images(request.GET.getlist("id")))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("image.import")
def import_(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request)
    imported = form.save()
    if imported:
        for sentence in imported.done:
            messages.success(request, sentence)
        for sentence in imported.warnings:
            messages.warning(request, sentence)
        return redirect("image_transfer:import")
    return render(request, "images/transfer/import.html", {"form": form}, status=form.status)
