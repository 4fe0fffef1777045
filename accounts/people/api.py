"""Users as JSON, for administrators. A password is in an answer only where it was made just now."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from accounts.models import LONGEST_USERNAME
from accounts.people import services
from accounts.people.access import take_back
from accounts.people.queries import Person, find_person, list_people, person
from accounts.people.services import Admission
from accounts.rights import Role, RoleWord, needs
from accounts.services import LONGEST_PASSWORD
from containermonkey.problems import Invalid
from containermonkey.schemas import Deleted, Strict

router = Router(tags=["Users"])

# SQL counts rows in 64 bits.
Key = Annotated[int, Path(ge=1, le=2**63 - 1)]
Password = Annotated[str, Field(max_length=LONGEST_PASSWORD)]


class UserOut(Schema):
    """`role` is viewer, operator, administrator, or null where only `groups`, which were made by
    hand, or rights of their own say what they may do."""

    id: int
    username: str
    role: str | None
    groups: list[str]
    has_own_rights: bool
    is_active: bool
    change_due: bool = Field(description="Whether the password has to be changed first.")
    last_sign_in: datetime | None
    joined: datetime
    issuer: str | None = Field(
        description="The OIDC provider that they come from; null for those who have a password."
    )

    @staticmethod
    def resolve_issuer(person: Person) -> str | None:
        return person.issuer or None

    @staticmethod
    def resolve_role(person: Person) -> str | None:
        return person.role.word if person.role else None


class UserList(Schema):
    users: list[UserOut]
    count: int


class AdmittedOut(Schema):
    user: UserOut
    one_time_password: str | None = Field(
        None, description="Shown this once; null where none was made."
    )


class NewUser(Strict):
    username: str = Field(max_length=LONGEST_USERNAME)
    role: RoleWord
    password: Password = Field("", description="Serves once; empty: one is made.")


class Changes(Strict):
    """What is left out stays. With `reset_password`, a one-time password is made, unless
    `password` is one; either ends their sessions."""

    username: str | None = Field(None, max_length=LONGEST_USERNAME)
    role: RoleWord | None = None
    is_active: bool | None = None
    reset_password: bool = False
    password: Password = ""


def admitted(admission: Admission, response: HttpResponse) -> dict[str, Any]:
    response["Cache-Control"] = "no-store"
    made = admission.password if admission.made else None
    return {"user": admission.person, "one_time_password": made}


@router.get("/users", response=UserList)
@needs("user.see")
def users(
    request: HttpRequest,
    search: str = Query("", max_length=300),
    role: str = Query("", max_length=20),
    sort: str = Query("name", max_length=20),
    limit: int = Query(500, ge=1, le=500),
    offset: int = Query(0, ge=0, le=2**31),
) -> dict[str, Any]:
    """Who may sign in. `sort`: name, role, active, last or due; `-` before it turns it round."""
    found = list_people(search, sort, role)
    shown = found[offset : offset + limit]
    return {"users": [person(user) for user in shown], "count": found.count()}


@router.post("/users", response={201: AdmittedOut})
@needs("user.create")
def create(request: HttpRequest, response: HttpResponse, body: NewUser) -> Status:
    """Make a user, who has to change the password at the first sign-in."""
    admission = services.create_user(body.username, Role.of(body.role), body.password)
    return Status(201, admitted(admission, response))


@router.get("/user/{key}", response=UserOut)
@needs("user.see")
def read(request: HttpRequest, key: Key) -> Person:
    """A user."""
    return find_person(key)


@router.patch("/user/{key}", response=AdmittedOut)
@needs("user.change")
def change(request: HttpRequest, response: HttpResponse, key: Key, body: Changes) -> dict[str, Any]:
    """Change a user. Of several changes those before one that is refused stay done: name, role,
    state, password."""
    if not body.model_fields_set:
        raise Invalid("Say what is to be changed.")
    if body.username is not None:
        services.rename_user(key, body.username)
    if body.role is not None:
        services.change_role(key, Role.of(body.role))
    if body.is_active is not None:
        services.switch_user(key, body.is_active)
    if body.reset_password or body.password:
        return admitted(services.reset_password(key, body.password), response)
    return {"user": find_person(key)}


@router.delete("/user/{key}/access/{name}", response=Deleted)
@needs("user.take_back")
def take_access_back(request: HttpRequest, key: Key, name: str) -> dict[str, Any]:
    """Take all of a user's `sessions`, `tokens`, or the `second-factor` away."""
    take_back(key, name)
    return {}


@router.delete("/user/{key}", response=Deleted)
@needs("user.delete")
def delete(request: HttpRequest, key: Key) -> dict[str, Any]:
    """Delete a user. The audit trail keeps their name."""
    services.delete_user(key)
    return {}
