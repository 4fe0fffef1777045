"""Every failure that a person is told about, as one family of exceptions.

Services raise these; `containermonkey.api` turns them into JSON, `containermonkey.middleware`
into pages and toasts. `str(problem)` is the sentence for people, `code` is stable for programs.
"""

from typing import Any


class Problem(Exception):
    """The base of the family; `details` are further members of the JSON answer."""

    status = 500
    code = "error"
    title = ""
    """What a page is headed with; empty where the status says it."""
    again = ""
    """Where it can be tried anew; empty where that is the same address, or nowhere."""

    def __init__(
        self, message: str, *, fields: dict[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.fields = fields or {}
        self.details = details
        self.headers: dict[str, str] = {}

    def as_dict(self) -> dict[str, Any]:
        """The shape that every error of the JSON API has."""
        answer: dict[str, Any] = {"error": str(self), "code": self.code}
        if self.fields:
            answer["fields"] = self.fields
        return answer | self.details


class Invalid(Problem):
    status, code = 400, "invalid"


class NotSignedIn(Problem):
    status, code = 401, "not_signed_in"


class NotAllowed(Problem):
    status, code = 403, "not_allowed"


class NotFound(Problem):
    status, code = 404, "not_found"


class Conflict(Problem):
    status, code = 409, "conflict"


class TooLarge(Problem):
    status, code = 413, "too_large"


class EngineRefused(Problem):
    """The Engine answered with an error of its own."""

    status, code = 502, "engine_error"


class EngineUnreachable(Problem):
    status, code = 503, "engine_unreachable"


class NoSpace(Problem):
    status, code = 507, "no_space"
