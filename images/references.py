"""What people write to name an image, read as Docker reads it."""

import re
from dataclasses import dataclass

from containermonkey.problems import Invalid
from engine.names import shortened
from engine.registries import INDEX_NAME

LONGEST = 255
"""Characters of a name with its registry, without tag and digest."""

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?")
PATH = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rf"{PATH}(/{PATH})*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
IMAGE_ID = re.compile(r"[0-9a-f]{64}")

DEFAULT_TAG = "latest"
OLD_INDEX = f"index.{INDEX_NAME}"


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an image in a registry; `tag` is `latest` where there is neither tag nor digest.

    `name` is as it was written, with its registry where that was written too.
    """

    registry: str
    name: str
    tag: str
    digest: str

    def __str__(self) -> str:
        tagged = f"{self.name}:{self.tag}" if self.tag else self.name
        return f"{tagged}@{self.digest}" if self.digest else tagged


def parse_reference(text: str) -> Reference:
    """Read a reference such as `nginx`, `ghcr.io/who/what:1.2` or `nginx@sha256:…`.

    Raise Invalid with the field `reference` and a sentence that says what is wrong with it.
    """
    rest, at, digest = text.strip().partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, colon, tag = rest, "", ""
    registry, repository = split(name)
    if reason := fault(name, registry, repository):
        raise malformed(text, reason)
    if IMAGE_ID.fullmatch(repository) or (name == "sha256" and IMAGE_ID.fullmatch(tag)):
        raise malformed(text, "This is an image’s id; only names can be pulled")
    if colon and not TAG.fullmatch(tag):
        raise malformed(text, "A tag is letters, digits, “_”, “.” and “-”, at most 128 of them")
    if at and not DIGEST.fullmatch(digest):
        raise malformed(text, "A digest is sha256: and 64 digits from 0 to f")
    return Reference(registry, name, tag if tag or digest else DEFAULT_TAG, digest)


def split(name: str) -> tuple[str, str]:
    """The registry of a name, and what it is called there."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        registry = first.lower()
        return (INDEX_NAME if registry == OLD_INDEX else registry), rest
    return INDEX_NAME, name


def fault(name: str, registry: str, repository: str) -> str:
    """What is wrong with a name, or nothing."""
    if not name:
        return "Say which image, as nginx or nginx:1.27"
    if "://" in name:
        return "Leave out what stands before the registry’s name, as https://"
    if not HOST.fullmatch(registry):
        return "What stands before the first “/” is not the name of a registry"
    if repository != repository.lower():
        return "The name of an image has no capital letters"
    if not REPOSITORY.fullmatch(repository):
        return "A name is small letters and digits, divided by “.”, “_”, “-” or “/”"
    return "It is too long" if len(name) > LONGEST else ""


def malformed(text: str, reason: str) -> Invalid:
    message = f"{shortened(text)} does not name an image. {reason}."
    return Invalid(message, fields={"reference": f"{reason}."})


def registry_of(reference: str) -> str | None:
    """The registry that an image comes from; None where this is no name of one."""
    try:
        return parse_reference(reference).registry
    except Invalid:
        return None
