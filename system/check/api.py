"""The check of the environment, as JSON."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from system.check.services import check_environment

router = Router(tags=["System"])


class CheckOut(Schema):
    name: str
    ok: bool
    detail: str
    fix: str


class Environment(Schema):
    ok: bool
    checks: list[CheckOut]


@router.get("/check-environment", response=Environment)
def environment(request: HttpRequest) -> dict[str, Any]:
    """Whether everything is there that is needed. Asks the Engine, and waits a few seconds at most.

    `fix` says what to do; beside `ok` it is advice, and everything works without it.
    """
    report = check_environment()
    return {"ok": report.ok, "checks": [asdict(check) for check in report.checks]}
