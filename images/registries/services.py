"""The registries that the Docker host signs in to: kept, tried, and used by whatever pulls."""

import re
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import audited
from accounts.services import is_storable
from containermonkey.encryption import encrypted
from containermonkey.problems import Conflict, Invalid, NotFound
from engine import engine
from engine.registries import INDEX_NAME, RegistryAway, SignInRefused, auth_config, sign_in
from images.models import Registry
from images.references import HOST, OLD_INDEX, registry_of
from images.registries.passwords import PasswordUnreadable, decrypted

LONGEST = 255
LONGEST_PASSWORD = 8192
"""Characters; some registries hand out tokens of several thousand."""

ADDRESS = re.compile(r"(?:https?://)?([^/@\s]+)(?:/v[12])?/?", re.IGNORECASE)


@dataclass(frozen=True)
class SignIn:
    """What somebody signs in with; `repr` keeps the password to itself."""

    address: str
    username: str
    password: str = field(repr=False)


def list_registries() -> QuerySet[Registry]:
    return Registry.objects.all()


def find_registry(key: int) -> Registry:
    """Raise NotFound if there is none."""
    try:
        return Registry.objects.get(pk=key)
    except (Registry.DoesNotExist, OverflowError):
        raise NotFound("There is no such registry any more.") from None


def add_registry(asked: SignIn, *, unverified: bool = False) -> Registry:
    """Keep a registry once it has taken the sign-in.

    Raise Invalid with the fields at fault, Conflict where it is here already, SignInRefused, or
    RegistryAway unless `unverified` says that one that cannot be asked is to be kept as well.
    """
    return save(Registry(), checked(asked), unverified=unverified)


def change_registry(key: int, asked: SignIn, *, unverified: bool = False) -> Registry:
    """Change a registry as `add_registry` adds one; an empty password stays as it is.

    It does not for another address or user: what is kept is sent to nobody it was not given for.
    """
    registry = find_registry(key)
    if not asked.password:
        kept = SignIn(address_of(asked.address), asked.username.strip(), "")
        if (kept.address, kept.username) != (registry.address, registry.username):
            reason = "Enter the password too: it was given for another address or user."
            raise Invalid(reason, fields={"password": reason})
        asked = SignIn(kept.address, kept.username, decrypted(registry.secret, registry.address))
    return save(registry, checked(asked), unverified=unverified)


def check_registry(key: int) -> Registry:
    """Have the registry say once more that it takes the sign-in.

    Raise SignInRefused, RegistryAway or PasswordUnreadable.
    """
    registry = find_registry(key)
    with audited("registry.check", registry.address):
        try:
            verify(SignIn(registry.address, registry.username, password_of(registry)))
        except SignInRefused:
            Registry.objects.filter(pk=key).update(verified_at=None)
            raise
        registry.verified_at = timezone.now()
        # One that was forgotten while the registry was asked is left alone.
        Registry.objects.filter(pk=key).update(verified_at=registry.verified_at)
    return registry


def delete_registry(key: int) -> Registry:
    """Forget a registry and its password; the registry itself is not told. Raise NotFound."""
    registry = find_registry(key)
    with audited("registry.delete", registry.address):
        Registry.objects.filter(pk=key).delete()
    return registry


def credentials_for(reference: str) -> dict[str, str] | None:
    """What the Engine is to be given to pull an image; None where nothing is kept for its registry.

    Raise PasswordUnreadable where it is kept and cannot be read any more.
    """
    registry = Registry.objects.filter(address=registry_of(reference)).first()
    if registry is None:
        return None
    return auth_config(registry.address, registry.username, password_of(registry))


def password_of(registry: Registry) -> str:
    return decrypted(registry.secret, registry.address)


def is_readable(registry: Registry) -> bool:
    """Whether the password of a registry can still be read."""
    try:
        password_of(registry)
    except PasswordUnreadable:
        return False
    return True


def save(registry: Registry, asked: SignIn, *, unverified: bool) -> Registry:
    act = "registry.change" if registry.pk else "registry.add"
    with audited(act, asked.address, username=asked.username) as details:
        refuse_taken(registry, asked.address)
        try:
            verify(asked)
            registry.verified_at = timezone.now()
        except RegistryAway:
            if not unverified:
                raise
            registry.verified_at = None
        details["verified"] = registry.verified_at is not None
        registry.address, registry.username = asked.address, asked.username
        registry.secret = encrypted(asked.password)
        write(registry)
    return registry


def write(registry: Registry) -> None:
    """Raise Conflict where the address was taken meanwhile, NotFound where it was forgotten."""
    try:
        with transaction.atomic():
            if registry.pk:
                find_registry(registry.pk)  # saving would bring it back, with its password
            registry.save()
    except IntegrityError:
        raise taken(registry.address) from None


def verify(asked: SignIn) -> None:
    with engine() as docker:
        sign_in(docker, auth_config(asked.address, asked.username, asked.password))


def refuse_taken(registry: Registry, address: str) -> None:
    if Registry.objects.filter(address=address).exclude(pk=registry.pk).exists():
        raise taken(address)


def taken(address: str) -> Conflict:
    reason = f"{address} is in the list already; change it there."
    return Conflict(reason, fields={"address": reason})


def checked(asked: SignIn) -> SignIn:
    """The same with a plain address. Raise Invalid with the fields at fault."""
    address, username = address_of(asked.address), asked.username.strip()
    fields = {}
    if not address:
        fields["address"] = "A registry is the name of a host, as ghcr.io or registry.lan:5000."
    if not 1 <= len(username) <= LONGEST or ":" in username or not is_storable(username):
        fields["username"] = f"From 1 to {LONGEST} characters, and no colon."
    if not 1 <= len(asked.password) <= LONGEST_PASSWORD or not is_storable(asked.password):
        fields["password"] = f"From 1 to {LONGEST_PASSWORD} characters."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    return SignIn(address, username, asked.password)


def address_of(text: str) -> str:
    """A registry's address as images' names have it; empty where it cannot be one."""
    found = ADDRESS.fullmatch(text.strip())
    address = found[1].lower() if found else ""
    is_host = HOST.fullmatch(address) and len(address) <= LONGEST
    # Anything plainer before a “/” is taken for a part of an image's own name.
    if not is_host or not ("." in address or ":" in address or address == "localhost"):
        return ""
    return INDEX_NAME if address in (OLD_INDEX, f"registry-1.{INDEX_NAME}") else address
