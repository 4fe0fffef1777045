"""The description of the API, in which no two schemas share a name.

Rooms name their schemas without looking at each other, and ninja lets the last of a name stand for
all: the body that deletes volumes would describe how images are deleted. It also knows one way in
for each class that lets somebody in, and ours knows two.
"""

from typing import Any

from django.conf import settings
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.api_auth import SignedIn

Definition = dict[str, Any]
Names = dict[str, str]

PREFIX = "#/components/schemas/"

SESSION = {
    "type": "apiKey",
    "in": "cookie",
    "name": settings.SESSION_COOKIE_NAME,
    "description": "As POST /api/login starts it. Unsafe calls need the CSRF token of "
    "GET /api/auth-status as well, in the header X-CSRFToken.",
}
TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A personal API token, made at /accounts/tokens/ or by POST /api/tokens. It "
    "needs neither a cookie nor a CSRF token.",
}


class DistinctSchemas(OpenAPISchema):
    """Numbers the second and later of the schemas that share a name and differ."""

    names: Names

    def operation_security(self, operation: Operation) -> list[Definition] | None:
        """The ways in, of which one is enough."""
        ways: dict[str, Definition] = {}
        for auth in operation.auth_callbacks:
            if isinstance(auth, SignedIn):
                ways |= {"Session": SESSION} | ({"Token": TOKEN} if auth.takes_tokens else {})
        self.securitySchemes |= ways
        return [{name: []} for name in ways] or None

    def _create_schema_from_model(self, *args: Any, **options: Any) -> tuple[Definition, bool]:
        self.names = {}
        schema, required = super()._create_schema_from_model(*args, **options)
        return renamed(schema, self.names), required

    def add_schema_definitions(self, definitions: dict[str, Definition]) -> None:
        """Take the schemas that one body or answer consists of, under names of their own."""
        numbers = dict.fromkeys(definitions, 1)
        names = numbered(numbers)
        # One more name changes what refers to it, which may then differ from its namesake too.
        while clashing := [each for each in definitions if self._clashes(each, definitions, names)]:
            numbers |= {each: numbers[each] + 1 for each in clashing}
            names = numbered(numbers)
        self.schemas |= {names[each]: renamed(definitions[each], names) for each in definitions}
        self.names = names

    def _clashes(self, name: str, definitions: dict[str, Definition], names: Names) -> bool:
        known = self.schemas.get(names[name])
        return known is not None and known != renamed(definitions[name], names)


def numbered(numbers: dict[str, int]) -> Names:
    return {name: f"{name}{number}" if number > 1 else name for name, number in numbers.items()}


def renamed(schema: Any, names: Names) -> Any:
    """A copy of a schema that refers to others by their new names."""
    if isinstance(schema, list):
        return [renamed(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: renamed(value, names) for key, value in schema.items()}
    if isinstance(reference := schema.get("$ref"), str):
        name = reference.removeprefix(PREFIX)
        copy["$ref"] = PREFIX + names.get(name, name)
    return copy
