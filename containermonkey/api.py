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
from backups.api import router as backups_router
from backups.bulk.api import router as backups_bulk_router
from backups.networks.api import router as network_backups_router
from backups.protection.api import router as protection_router
from backups.schedules.api import router as schedules_router
from backups.sets.api import router as sets_router
from containermonkey.database import problem_of
from containermonkey.problems import Problem
from containers.api import router as containers_router
from containers.bulk.api import router as bulk_router
from containers.console.api import router as console_router
from containers.logs.api import router as logs_router
from containers.redeploy.api import router as redeploy_router
from containers.stats.api import router as stats_router
from jobs.api import router as jobs_router
from networks.api import router as networks_router
from stacks.api import router as stacks_router
from volumes.api import router as volumes_router
from volumes.files.api import router as volume_files_router

logger = logging.getLogger(__name__)


class DescribedApi(NinjaAPI):
    """A NinjaAPI whose schema says what every error looks like."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
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
api.add_router("", networks_router)
api.add_router("", network_backups_router)
api.add_router("", sets_router)
api.add_router("", stacks_router)
api.add_router("", volumes_router)
api.add_router("", volume_files_router)

CODES = {
    400: "invalid",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
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


def field_name(location: tuple[str | int, ...]) -> str:
    """`port_overrides.80/tcp` from pydantic's `("body", "options", "port_overrides", "80/tcp")`."""
    parts = [str(part) for part in location]
    return ".".join(parts[2:] or parts[1:])
