from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containermonkey.bulk import tell_failures
from containermonkey.uploads import announced, incoming_files
from volumes.files.presentation import url_of
from volumes.files.writing import deleting, uploads
from volumes.files.writing.forms import FolderForm, RenameForm
from volumes.files.writing.moving import may_replace
from volumes.files.writing.presentation import (
    deletion_context,
    folder_context,
    folder_of,
    name_of,
)

reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])

FOLDER = "volumes:files:folder"


@reads_or_posts
@needs("volume.upload")
def upload(request: HttpRequest, name: str) -> HttpResponse:
    path = request.GET.get("path", "/")
    if request.method != "POST":
        return render(request, "volumes/files/upload.html", folder_context(name, path))
    overwrite = "overwrite" in request.POST
    with uploads.target_of(name, path, overwrite=overwrite) as target:
        outcomes = list(uploads.upload_each(target, incoming_files(request), announced(request)))
    for outcome in outcomes:
        tell(request, outcome)
    if not outcomes:
        messages.info(request, "No file was chosen.")
    return redirect(url_of(FOLDER, name, path))


def tell(request: HttpRequest, outcome: uploads.Outcome) -> None:
    level = messages.ERROR if outcome.problem else messages.SUCCESS
    messages.add_message(request, level, outcome.sentence)


@reads_or_posts
@needs("volume.make_folder")
def new_folder(request: HttpRequest, name: str) -> HttpResponse:
    path = request.GET.get("path", "/")
    form = FolderForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.make(name, path):
        messages.success(request, f"Made the folder {form.cleaned_data['name'][:80]}")
        return redirect(url_of(FOLDER, name, path))
    where = folder_context(name, path)
    context = asked(request, form, where["back"]) | {
        "title": "New folder",
        "text": f"In {where['path']}",
        "submit": "Make it",
    }
    return render(request, "volumes/files/ask.html", context, status=status_of(form))


@reads_or_posts
@needs("volume.rename")
def rename(request: HttpRequest, name: str) -> HttpResponse:
    path = request.GET.get("path", "/")
    old, folder = name_of(path), folder_of(path)
    form = RenameForm(request.POST or None, initial={"name": old, "folder": folder})
    if request.method == "POST":
        may_replace("overwrite" in request.POST, name)
    if request.method == "POST" and form.is_valid() and form.move(name, path):
        messages.success(request, f"{old[:80]} is {form.cleaned_data['name'][:80]} now")
        return redirect(url_of(FOLDER, name, form.cleaned_data["folder"]))
    where = folder_context(name, folder)
    context = asked(request, form, where["back"]) | {
        "title": f"Rename or move “{old[:80]}”",
        "submit": "Rename",
    }
    return render(request, "volumes/files/ask.html", context, status=status_of(form))


def asked(request: HttpRequest, form: FolderForm | RenameForm, back: str) -> dict[str, object]:
    action = request.get_full_path()
    return {"form": form, "action": action, "cancel_url": back, "harmless": True}


def status_of(form: FolderForm | RenameForm) -> int:
    return 422 if form.errors else 200


@reads_or_posts
@needs("volume.delete_file")
def delete(request: HttpRequest, name: str) -> HttpResponse:
    paths = (request.POST if request.method == "POST" else request.GET).getlist("path")
    if not paths:
        messages.info(request, "Nothing was selected.")
        return redirect(url_of(FOLDER, name, "/"))
    if "confirmed" not in request.POST:
        context = deletion_context(name, deleting.chosen(name, paths))
        return render(request, "volumes/files/delete.html", context)
    results = deleting.delete_files(name, paths)
    tell_deleted(request, results)
    return redirect(url_of(FOLDER, name, folder_of(paths[0])))


def tell_deleted(request: HttpRequest, results: list[deleting.Result]) -> None:
    done = [result.path for result in results if result.success]
    if done:
        what = name_of(done[0])[:80] if len(done) == 1 else f"{len(done)} files and folders"
        messages.success(request, f"Deleted {what}")
    reasons = [f"{result.path[:80]}: {result.error}" for result in results if not result.success]
    tell_failures(request, f"{len(reasons)} could not be deleted.", reasons)
