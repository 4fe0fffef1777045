"""Names of Docker's objects, checked before they become part of a path."""

import re

from containermonkey.problems import NotFound

REFERENCE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", re.ASCII)
IMAGE_REFERENCE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_./:@-]*", re.ASCII)


def checked(reference: str, noun: str) -> str:
    """Give `reference` back if an object of Docker can have this name or id.

    Raise NotFound otherwise: what cannot exist is not there, and `..` or a slash would lead the
    call to another of the Engine's addresses.
    """
    pattern = IMAGE_REFERENCE if noun == "image" else REFERENCE
    if not pattern.fullmatch(reference) or ".." in reference.split("/"):
        raise NotFound(f"There is no {noun} named {shortened(reference)}.")
    return reference


def shortened(text: str, limit: int = 80) -> str:
    """A name that somebody sent, fit to be quoted in a sentence."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[:limit])
    return f"“{shown}{'…' if len(text) > limit else ''}”"
