"""What pages say of users beside what they are."""

from typing import Any

from accounts.people.access import Access
from accounts.people.queries import Person
from accounts.rights import Role
from containermonkey import figures


def role_select(chosen: str) -> dict[str, Any]:
    """The choice among roles for the tool bar."""
    roles = [(role.word, f"{role.label}s") for role in Role]
    options = [("", "Every role"), *roles, ("none", "Without a role")]
    return {"name": "role", "label": "Role", "options": options, "value": chosen.lower()}


def facts_of(person: Person) -> list[tuple[str, str | None]]:
    own = "yes; they are in the administration pages" if person.has_own_rights else None
    return [
        ("Role", person.role.label if person.role else None),
        ("Groups made by hand", ", ".join(person.groups) or None),
        *([("Rights of their own", own)] if own else []),
        ("Made", figures.moment(person.joined)),
        ("Last sign-in", figures.moment(person.last_sign_in) if person.last_sign_in else "never"),
        ("Password", password_words(person)),
        *(
            [("Comes from", person.issuer), ("Known there as", person.subject)]
            * bool(person.issuer)
        ),
    ]


def password_words(person: Person) -> str:
    if person.provider:
        return f"none; they sign in through {person.provider}"
    return "to be changed at the next sign-in" if person.change_due else "their own"


def ways_in(access: Access) -> list[tuple[str, str | None]]:
    return [
        ("Sessions", str(access.sessions)),
        ("API tokens", str(access.tokens)),
        ("Second factor", "on" if access.second_factor else "off"),
    ]
