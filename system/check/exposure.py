"""What others could get at: the keys on the disk, the program by its name, the Engine."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from containermonkey.oidc import Oidc
from system.check import docker_host
from system.check.types import Check, advice, good, wrong

KEY, FOLDER, NAMES, FIRST = "Key file", "Data directory", "Host names", "First password"
SIGN_ON = "OIDC sign-in"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def checks() -> Iterator[Check]:
    """All of them. They look at files and settings alone."""
    yield key_file("encryption.key", settings.ENCRYPTION_KEY)
    yield key_file("secret.key", settings.SECRET_KEY)
    yield folder()
    yield names()
    yield first_password()
    if settings.OIDC:
        yield single_sign_on(settings.OIDC)


def at_start() -> list[Check]:
    """Those that are not as they should be, with the way to the Engine."""
    return [check for check in (*checks(), docker_host.access()) if check.fix]


def key_file(name: str, key: str) -> Check:
    """Whether the key in use is the one that will be read at the next start, and nobody else's."""
    path = Path(settings.DATA_DIR) / name
    kept = name == "encryption.key"
    try:
        written, state = path.read_text(errors="replace").strip(), path.stat()
    except OSError as error:
        what = "Kept passwords depend" if kept else "Sessions depend"
        return wrong(
            *(KEY, f"{name} cannot be read: {error.strerror}. {what} on it."),
            "Bring it back from a copy of the data directory before the program is started again.",
        )
    if written != key:
        return wrong(
            *(KEY, f"{name} is another one than when the program was started."),
            "Bring the old one back, or enter what is kept of registries and compose files again."
            if kept
            else "Start the program again; everybody has to sign in anew.",
        )
    if state.st_mode & OTHERS:
        return wrong(
            *(KEY, f"{name} can be read by other users of this machine."),
            f"Close it to them: chmod 600 {name}, in the data directory.",
        )
    if state.st_uid not in {os.geteuid(), 0}:
        return wrong(
            *(KEY, f"{name} belongs to another user of this machine."),
            f"Make it this program’s own: chown {os.geteuid()} {name}, in the data directory.",
        )
    return good(KEY, f"{name} is there, and closed to others.")


def folder() -> Check:
    """Whether others can read the database and the archives."""
    path = Path(settings.DATA_DIR)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return wrong(
            *(FOLDER, f"{path} cannot be looked at: {error.strerror}."),
            "Look at CONTAINERMONKEY_DATA, and at the disk.",
        )
    if mode & OTHERS:
        return advice(
            *(FOLDER, "Other users of this machine can look into it."),
            f"Close it to them: chmod 700 {path}.",
        )
    return good(FOLDER, "It is closed to others.")


def names() -> Check:
    """Whether a page of somebody else's site can have its own name lead here."""
    if "*" in settings.KNOWN_HOSTS:
        return advice(
            *(
                NAMES,
                "The program answers to every name, so that a page of another site can lead"
                " its own name here.",
            ),
            "List the names under which it is called in CONTAINERMONKEY_ALLOWED_HOSTS.",
        )
    return good(NAMES, "The program answers to its own names and to addresses alone.")


def first_password() -> Check:
    if settings.ALLOW_DEFAULT_PASSWORD:
        return advice(
            *(FIRST, "The password that everybody knows need not be changed."),
            "Leave CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD out.",
        )
    return good(FIRST, "It has to be changed before anything else can be done.")


def single_sign_on(oidc: Oidc) -> Check:
    """Whether a provider lets in more than it should, or is spoken to in the open."""
    if oidc.default_role in {"operator", "administrator"}:
        return advice(
            *(SIGN_ON, f"Everybody whom {oidc.name} knows is {oidc.default_role} here."),
            "Name the groups that are to be, and leave CONTAINERMONKEY_OIDC_DEFAULT_ROLE out.",
        )
    if not oidc.issuer.startswith("https:"):
        return advice(
            SIGN_ON,
            f"{oidc.issuer} is spoken to without TLS: whoever takes its port on this machine can"
            " sign in as anybody.",
            "Have it speak TLS, and name it by https:// in CONTAINERMONKEY_OIDC_ISSUER.",
        )
    return good(SIGN_ON, f"{oidc.name} is spoken to by TLS, and says who is what here.")
