"""Whether a registry has a newer image under the names of one, told by digest."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from containermonkey.problems import EngineRefused, Invalid, NotFound
from containermonkey.threads import side_by_side
from engine import engine
from engine.distribution import digest_in_registry
from images.mapping import repository_of
from images.queries import details_on, name_meant
from images.registries.passwords import PasswordUnreadable
from images.registries.services import credentials_for
from images.types import Image

MOST = 10
"""Names of one image that are asked for at once; each may take a minute."""

DENIALS = ("unauthorized", "denied", "authentication required", "no basic auth")

State = Literal["newer", "up_to_date", "built_here", "not_found", "denied", "unreachable"]


@dataclass(frozen=True, slots=True)
class Check:
    """What a registry has under a tag; `newer` is None where that is not known.

    `digest` is the registry's, None where it has none or was not asked.
    """

    tag: str
    state: State
    message: str
    newer: bool | None = None
    digest: str | None = None


def check_newer(reference: str) -> list[Check]:
    """Ask the registries of an image what they have under its tags now, or under the one named.

    Raise NotFound, NotAllowed for Container Monkey's own, and Invalid for more than `MOST` tags.
    """
    with engine() as docker:
        image = details_on(docker, reference)
    named = name_meant(image, reference)
    tags = [named] if named in image.tags else image.tags
    if len(tags) > MOST:
        raise Invalid(f"The image has more than {MOST} tags. Ask for one of them by its name.")
    return side_by_side(partial(check_tag, image), tags)


def check_tag(image: Image, tag: str) -> Check:
    """Compare what an image's digests say with what the registry has under one of its tags."""
    known = digests_under(image, tag)
    if not known:
        message = f"{tag} was built or loaded here: it has no digest of a registry."
        return Check(tag, "built_here", message)
    try:
        credentials = credentials_for(tag)
        with engine() as docker:
            digest = digest_in_registry(docker, tag, credentials)
    except PasswordUnreadable as problem:
        return Check(tag, "denied", str(problem))
    except NotFound:
        return Check(tag, "not_found", f"The registry has nothing under {tag} any more.")
    except EngineRefused as problem:
        return refused(tag, str(problem))
    if digest in known:
        return Check(tag, "up_to_date", f"{tag} is what the registry has.", False, digest)
    return Check(tag, "newer", f"The registry has a newer {tag}.", True, digest)


def digests_under(image: Image, tag: str) -> set[str]:
    """The digests of an image in the repository that a tag is of."""
    repository = repository_of(tag)
    return {each.partition("@")[2] for each in image.digests if repository_of(each) == repository}


def refused(tag: str, words: str) -> Check:
    if any(denial in words.casefold() for denial in DENIALS):
        message = f"The registry does not let us look for {tag}: {words}"
        return Check(tag, "denied", message)
    message = f"It is not known whether there is a newer {tag}: {words}"
    return Check(tag, "unreachable", message)
