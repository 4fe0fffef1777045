"""The root of the JSON API: who may call it, and the one shape of every error."""

import json
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from accounts.api import router as accounts_router
from accounts.api_auth import SignedIn
from accounts.people.api import router as people_router
from accounts.second_factor.api import router as second_factor_router
from accounts.sessions.api import router as sessions_router
from accounts.tokens.api import router as tokens_router
from accounts.trail.api import router as trail_router
from backups.api import router as backups_router
from backups.bulk.api import router as backups_bulk_router
from backups.networks.api import router as network_backups_router
from backups.protection.api import router as protection_router
from backups.schedules.api import router as schedules_router
from backups.sets.api import router as sets_router
from backups.volumes.api import router as volume_backups_router
from containermonkey.database import problem_of
from containermonkey.openapi import DistinctSchemas
from containermonkey.problems import Problem
from containers.api import router as containers_router
from containers.bulk.api import router as bulk_router
from containers.console.api import router as console_router
from containers.logs.api import router as logs_router
from containers.redeploy.api import router as redeploy_router
from containers.stats.api import router as stats_router
from images.api import router as images_router
from images.pulling.api import router as pulling_router
from images.registries.api import router as registries_router
from images.transfer.api import router as image_transfer_router
from jobs.api import router as jobs_router
from networks.api import router as networks_router
from search.api import router as search_router
from stacks.api import router as stacks_router
from stacks.bulk.api import router as stack_bulk_router
from stacks.deploy.api import router as deploy_router
from stacks.logs.api import router as stack_logs_router
from stacks.redeploy.api import router as stack_redeploy_router
from stats.api import router as statistics_router
from system.check.api import router as check_router
from system.cleanup.api import router as cleanup_router
from system.dashboard.api import router as dashboard_router
from system.events.api import router as events_router
from system.host.api import router as host_router
from volumes.api import router as volumes_router
from volumes.files.api import router as volume_files_router
from volumes.files.writing.api import router as volume_files_writing_router

logger = logging.getLogger(__name__)


class DescribedApi(NinjaAPI):
    """A NinjaAPI whose schema says what every error looks like."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        schema = DistinctSchemas(self, path_prefix)
        schema["components"]["schemas"]["Error"] = ERROR_SCHEMA
        reference = {"schema": {"$ref": "#/components/schemas/Error"}}
        described = {"description": "An error", "content": {"application/json": reference}}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"]["default"] = described
        return schema


ERROR_SCHEMA = {
    "title": "Error",
    "type": "object",
    "required": ["error", "code"],
    "properties": {
        "error": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What is wrong with which field.",
        },
    },
}

api = DescribedApi(
    title="Container Monkey",
    version=settings.VERSION,
    description="Containers of a Docker host, their backups and their restores.",
    auth=SignedIn(),
    urls_namespace="api",
)
api.add_router("", accounts_router)
api.add_router("", people_router)
api.add_router("", trail_router)
api.add_router("", second_factor_router)
api.add_router("", sessions_router)
api.add_router("", tokens_router)
api.add_router("", containers_router)
api.add_router("", bulk_router)
api.add_router("", logs_router)
api.add_router("", console_router)
api.add_router("", redeploy_router)
api.add_router("", stats_router)
api.add_router("", jobs_router)  # before backups: a container may be called "status"
api.add_router("", backups_bulk_router)
api.add_router("", backups_router)
api.add_router("", schedules_router)
api.add_router("", protection_router)
api.add_router("", network_backups_router)  # before networks: one may be called "restore"
api.add_router("", networks_router)
api.add_router("", pulling_router)
api.add_router("", registries_router)
api.add_router("", image_transfer_router)
api.add_router("", images_router)
api.add_router("", sets_router)
api.add_router("", stacks_router)
api.add_router("", stack_bulk_router)
api.add_router("", deploy_router)
api.add_router("", stack_logs_router)
api.add_router("", stack_redeploy_router)
api.add_router("", statistics_router)
api.add_router("", volumes_router)
api.add_router("", volume_files_router)
api.add_router("", volume_backups_router)
api.add_router("", volume_files_writing_router)
api.add_router("", search_router)
api.add_router("", dashboard_router)
api.add_router("", check_router)
api.add_router("", cleanup_router)
api.add_router("", host_router)
api.add_router("", events_router)

CODES = {
    400: "invalid",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}
SENTENCES = {
    400: "The request could not be understood.",
    401: "Sign in first.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    408: "The request did not arrive in time.",
    413: "The request is too large.",
    415: "The body must be JSON, sent with Content-Type: application/json.",
    429: "Too many requests; wait a little.",
}


def error_response(status: int, message: str = "", code: str = "", **more: Any) -> HttpResponse:
    """An error in the API's one shape; sentence and code default to those of the status."""
    body = {
        "error": message or SENTENCES.get(status, "Something went wrong on the server."),
        "code": code or CODES.get(status, "error"),
        **more,
    }
    return HttpResponse(json.dumps(body), status=status, content_type="application/json")


def problem_response(problem: Problem) -> HttpResponse:
    return HttpResponse(
        json.dumps(problem.as_dict(), default=str),
        status=problem.status,
        headers={"Content-Type": "application/json", **problem.headers},
    )


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if any(is_whole_body(item["loc"]) for item in error.errors):
        return error_response(400, "The body must be a JSON object.")
    fields = {field_name(item["loc"]): str(item["msg"]) for item in error.errors}
    named = ", ".join(f"{name}: {reason}" for name, reason in fields.items() if name)
    return error_response(400, f"The request is not valid. {named}".strip(), fields=fields)


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    # The words of ninja's own errors are for programmers.
    return error_response(error.status_code)


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return error_response(404)


@api.exception_handler(RequestDataTooBig)
def on_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return error_response(413)


@api.exception_handler(SuspiciousOperation)
def on_suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return error_response(400)


@api.exception_handler(Exception)
def on_defect(request: HttpRequest, error: Exception) -> HttpResponse:
    if problem := problem_of(error):
        logger.error("%s %s: %s", request.method, request.path, error)
        return problem_response(problem)
    logger.exception("A defect in %s %s", request.method, request.path, exc_info=error)
    return error_response(500)


def is_whole_body(location: tuple[str | int, ...]) -> bool:
    """Whether the body as such is at fault, which has no name for those who send it."""
    return len(location) == 2 and location[0] == "body"


def field_name(location: tuple[str | int, ...]) -> str:
    """`port_overrides.80/tcp` from pydantic's `("body", "options", "port_overrides", "80/tcp")`."""
    parts = [str(part) for part in location]
    return ".".join(parts[2:] or parts[1:])
