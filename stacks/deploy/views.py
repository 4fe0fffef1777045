from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from accounts.rights import needs
from jobs.models import Job
from stacks.deploy import services
from stacks.deploy.comparing import compare
from stacks.deploy.forms import DeployForm
from stacks.deploy.plugin import MISSING, find_plugin
from stacks.deploy.variables import as_lines
from stacks.models import Deployment


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack_deploy.request")
def new(request: HttpRequest) -> HttpResponse:
    return answer(request, DeployForm(request))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack_deploy.request")
def change(request: HttpRequest, name: str) -> HttpResponse:
    asked = request.GET.get("version", "")
    version = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else None
    return answer(request, DeployForm(request, services.find_deployment(name, version)))


def answer(request: HttpRequest, form: DeployForm) -> HttpResponse:
    if not find_plugin():
        name = form.based_on.stack if form.based_on else ""
        told = {"missing": MISSING, "name": name}
        return render(request, "stacks/deploy/no_plugin.html", told, status=503)
    if job := form.save():
        return asked_for(request, job)
    context = {"form": form, "plan": form.plan, "based_on": form.based_on}
    return render(request, "stacks/deploy/form.html", context, status=form.status)


@require_safe
@needs("stack.read_compose")
def history(request: HttpRequest, name: str) -> HttpResponse:
    deployments = services.deployments_of(name)
    context = {"name": name, "deployments": deployments, "newest": services.find_deployment(name)}
    return render(request, "stacks/deploy/history.html", context)


@require_safe
@needs("stack.read_compose")
def version(request: HttpRequest, name: str, version: int) -> HttpResponse:
    found = services.find_deployment(name, version)
    others = [each for each in services.deployments_of(name) if each.version != version]
    against = other_version(request, found, others)
    variables = services.known_variables(found)
    record("stack.read_compose", name, version=found.version)
    context = {
        "found": found,
        "variables": None if variables is None else as_lines(variables),
        "others": others,
        "against": against,
        "differences": compare(against.compose, found.compose) if against else None,
        "other_variables": against and services.known_variables(against) != variables,
    }
    return render(request, "stacks/deploy/version.html", context)


def other_version(
    request: HttpRequest, found: Deployment, others: list[Deployment]
) -> Deployment | None:
    """The version that a version is compared with: the one asked for, or the one before it."""
    asked = request.GET.get("against", "")
    for each in others:
        if str(each.version) == asked or (not asked and each.version < found.version):
            return each
    return None


@require_POST
@needs("stack_deploy.request")
def again(request: HttpRequest, name: str, version: int) -> HttpResponse:
    return asked_for(request, services.deploy_again(name, version, request.user))


def asked_for(request: HttpRequest, job: Job) -> HttpResponse:
    number = job.arguments["version"]
    messages.success(request, f"Version {number} of {job.subject} is in the queue.")
    return redirect("jobs:detail", job.progress_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stack.forget")
def forget(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        services.forget(name)
        messages.success(request, f"Forgot the compose file of {name[:80]}")
        return redirect("stacks:list")
    found = services.find_deployment(name)
    context = {
        "title": f"Forget the compose file of {found.stack}?",
        "lost": ["Every version of its file, with its variables"],
        "kept": ["Its volumes and its backups, where there are any"],
        "submit": "Forget",
        "cancel_url": reverse("stacks:detail", args=[found.stack]),
    }
    return render(request, "confirm.html", context)
