"""Paths inside a volume, as addresses and pages spell them.

A name may hold any byte but `/` and NUL. Bytes that are not UTF-8 and those of characters that are
not seen are spelled ``\\xNN`` and a backslash ``\\\\``, so that every name can be shown, be a part
of an address, and come back exactly.
"""

import os
import re

from containermonkey.problems import Invalid
from containermonkey.unseen import UNSEEN

BREAKING = re.compile(f"[\t\n\r]|{UNSEEN.pattern}")

SPELLED = re.compile(rb"\\(?:x([0-9a-f]{2})|\\)")


def spelled(name: str) -> str:
    """A name as the system tells it (its odd bytes as surrogates) in the spelling for people."""
    text = os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return BREAKING.sub(lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode()), text)


def unspelled(text: str) -> str:
    """The name that is spelled so, as the system takes it."""
    return os.fsdecode(SPELLED.sub(byte_of, os.fsencode(text)))


def byte_of(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),)) if found[1] else b"\\"


def inner(path: str) -> str:
    """The names of a spelled path, joined; empty for the volume's own folder.

    Raise Invalid if it leads upwards, even to come back, or can be no path at all.
    """
    try:
        names = [name for name in unspelled(path).split("/") if name not in ("", ".")]
    except UnicodeEncodeError:
        raise Invalid("The path is not text.") from None
    if ".." in names:
        raise Invalid("The path leads out of the volume.")
    if any("\0" in name for name in names):
        raise Invalid("A path cannot hold a NUL.")
    return "/".join(names)
