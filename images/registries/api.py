"""Registries as JSON. Passwords only come in."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from accounts.rights import needs
from containermonkey.schemas import Deleted, Strict
from images.models import Registry
from images.registries import services
from images.registries.services import LONGEST, LONGEST_PASSWORD, SignIn, is_readable

router = Router(tags=["Images"])

Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class RegistryOut(Schema):
    """`verified_at` is when the registry last took the sign-in, null where it never did.

    `readable` is false where the key of this installation was changed since.
    """

    id: int
    address: str
    username: str
    verified_at: datetime | None
    readable: bool

    @staticmethod
    def resolve_readable(registry: Registry) -> bool:
        return is_readable(registry)


class RegistryList(Schema):
    registries: list[RegistryOut]


class RegistryBody(Strict):
    address: Words
    username: Words
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
    unverified: bool = False


@router.get("/registries", response=RegistryList)
@needs("registry.see")
def registries(request: HttpRequest) -> dict[str, Any]:
    """The registries that the Docker host signs in to. For administrators."""
    return {"registries": services.list_registries()}


@router.post("/registries", response={201: RegistryOut})
@needs("registry.add")
def add(request: HttpRequest, body: RegistryBody) -> Status:
    """Keep a sign-in once the registry has taken it; one that it refuses is a 400.

    With `unverified`, also where the registry cannot be asked now, which is a 502 otherwise.
    """
    asked = SignIn(body.address, body.username, body.password)
    return Status(201, services.add_registry(asked, unverified=body.unverified))


@router.delete("/registry/{id}", response=Deleted)
@needs("registry.delete")
def delete(request: HttpRequest, id: int) -> dict[str, Any]:
    """Forget a sign-in. What was pulled stays."""
    services.delete_registry(id)
    return {}
