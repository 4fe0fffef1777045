"""Acts that ask before they are done: each is a page, which scripts open as a dialog."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import needs
from containermonkey import figures
from containermonkey.bulk import tell_deleted
from containermonkey.problems import Conflict, Invalid
from images import cleanup, deleting, presentation, tagging
from images.listing import list_images
from images.queries import image_details
from images.references import LONGEST
from images.types import Image

reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


class TagForm(forms.Form):
    repository = forms.CharField(
        max_length=LONGEST, help_text="As team/web or registry.example:5000/team/web"
    )
    tag = forms.CharField(max_length=128, initial="latest")
    move = forms.BooleanField(required=False)

    def tag_image(self, reference: str) -> tagging.Tagged | None:
        """Give the image the name; what is wrong with it stands beside its field."""
        given = self.cleaned_data
        try:
            return tagging.tag_image(
                reference, given["repository"], given["tag"], move=given["move"]
            )
        except Invalid as problem:
            for name, reason in (problem.fields or {"repository": str(problem)}).items():
                self.add_error(name, reason)
        except Conflict as problem:
            self.add_error("move", str(problem))
        return None


@reads_or_posts
@needs("image.tag")
def tag(request: HttpRequest, reference: str) -> HttpResponse:
    image = image_details(reference)
    form = TagForm(request.POST or None)
    if form.is_valid() and (tagged := form.tag_image(image.id)):
        words = "has the name" if tagged.changed else "has the name already:"
        messages.success(request, f"The image {words} {tagged.name}")
        return redirect("images:detail", image.id)
    context = {
        "title": f"Give {image.title} a further name",
        "form": form,
        "submit": "Tag",
        "harmless": True,
        "cancel_url": reverse("images:detail", args=[image.id]),
    }
    return render(request, "images/tag.html", context, status=422 if form.errors else 200)


@reads_or_posts
@needs("image.untag")
def untag(request: HttpRequest, reference: str) -> HttpResponse:
    if request.method == "POST":
        name = request.POST.get("name", "")
        image = tagging.untag_image(reference, name)
        messages.success(request, f"Removed the name {name[:80]}")
        return redirect("images:detail", image.id)
    name = request.GET.get("name", "")
    image = tagging.untaggable(reference, name)
    context = {
        "title": f"Remove the name {name}?",
        "name": name,
        "lost": [f"The name {name}"],
        "kept": presentation.kept_without(image, name),
        "submit": "Remove",
        "cancel_url": reverse("images:detail", args=[image.id]),
    }
    return render(request, "images/untag.html", context)


@reads_or_posts
@needs("image.delete")
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    if request.method == "POST":
        done = deleting.delete_image(reference, force=True)
        messages.success(request, presentation.told(done))
        return redirect("images:list")
    image = deleting.deletable(reference)
    context = {
        "title": f"Delete the image {image.title}?",
        "lost": presentation.lost(image),
        "submit": "Delete",
        "cancel_url": reverse("images:detail", args=[image.id]),
    }
    return render(request, "confirm.html", context)


@require_POST
@needs("image.delete")
def delete_several(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.getlist("id")
    if not chosen:
        messages.info(request, "No image was selected.")
        return redirect("images:list")
    if "confirmed" not in request.POST:
        return ask(
            request, [image for image in list_images() if {image.id, image.short_id} & {*chosen}]
        )
    results = deleting.delete_images(chosen, force=True)
    tell_deleted(request, "image", [result.error for result in results])
    return redirect("images:list")


@require_safe
@needs("image.prune")
def clean_up_unused(request: HttpRequest) -> HttpResponse:
    return ask(request, cleanup.unused_images())


def ask(request: HttpRequest, found: list[Image]) -> HttpResponse:
    """The question before several are deleted; at most as many as go at once."""
    more, found = len(found[deleting.MOST :]), found[: deleting.MOST]
    context = {
        "more": more,
        "title": f"Delete {figures.counted(len(found), 'image')}?",
        "action": reverse("images:delete_several"),
        "found": found,
        "size": sum(image.size for image in found),
        "submit": "Delete",
        "cancel_url": reverse("images:list"),
    }
    return render(request, "images/delete_several.html", context)


@reads_or_posts
@needs("image.prune")
def clean_up_dangling(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        done = cleanup.delete_dangling_images()
        deleted = figures.counted(len(done.deleted), "image")
        reclaimed = figures.size(done.space_reclaimed)
        messages.success(request, f"Deleted {deleted}; {reclaimed} are free again")
        return redirect("images:list")
    found = cleanup.dangling_images()
    context = {
        "title": f"Delete {figures.counted(len(found), 'image')} without a name?",
        "found": found,
        "size": sum(image.size for image in found),
        "submit": "Delete",
        "cancel_url": reverse("images:list"),
    }
    return render(request, "images/dangling.html", context)
