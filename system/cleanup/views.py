from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import needs
from containermonkey.bulk import tell_failures
from images.cleanup import dangling_images
from system.cleanup.services import made_for_jobs, remove_left_behind


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("cleanup.left_behind", looking="page.see")
def clean_up(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        done = remove_left_behind()
        if done.count:
            messages.success(request, f"Removed {done.count} left behind by jobs")
        elif not done.failed:
            messages.info(request, "Nothing was left behind by jobs any more.")
        tell_failures(request, f"{len(done.failed)} could not be removed.", done.failed)
        return redirect("system:clean_up")
    things, dangling = made_for_jobs(), dangling_images()
    context = {
        "going": [thing for thing in things if not thing.kept_because],
        "staying": [thing for thing in things if thing.kept_because],
        "dangling": dangling,
        "dangling_size": sum(image.size for image in dangling),
    }
    return render(request, "system/clean_up.html", context)
