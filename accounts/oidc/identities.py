"""Which users come from the provider, for all who ask."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import Identity, User
from containermonkey.problems import Conflict


def issuer_of(user: User | AnonymousUser) -> str:
    """The provider that a user comes from; empty for those who have a password here."""
    found = Identity.objects.filter(user=user.pk).values_list("issuer", flat=True)
    return found.first() or ""


def provider_of(user: User | AnonymousUser) -> str:
    """What that provider is called; empty as well."""
    issuer = issuer_of(user)
    return name_of(issuer) if issuer else ""


def name_of(issuer: str) -> str:
    """What people call a provider; one that the settings do not name any more, by its host."""
    if settings.OIDC and settings.OIDC.issuer == issuer:
        return str(settings.OIDC.name)
    return urlsplit(issuer).hostname or issuer


def role_is_told(issuer: str) -> bool:
    """Whether the role of who comes from this provider is what it says at each sign-in."""
    return bool(settings.OIDC and settings.OIDC.issuer == issuer and settings.OIDC.decides_roles)


def refuse_password(user: User) -> None:
    """Raise Conflict for who has no password here, and is to have none."""
    if name := provider_of(user):
        raise Conflict(f"{user.username} signs in through {name} and has no password here.")


def refuse_role(user: User) -> None:
    """Raise Conflict where the provider would put the former role back."""
    issuer = issuer_of(user)
    if role_is_told(issuer):
        raise Conflict(
            f"The role of {user.username} is what {name_of(issuer)} says at each sign-in: change "
            "their groups there. Who is switched off here stays out at once."
        )
