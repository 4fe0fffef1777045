"""Reads settings from the environment; a wrong value stops the start and names the variable."""

import os
import re
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

IMAGE = re.compile(
    r"([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[\w][\w.-]{0,127})?"
    r"(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
"""An image's name, or its id, which looks like one."""

HOST = re.compile(r"\*|\.?[a-z0-9_-][a-z0-9_.-]*|\[[0-9a-f:.]+\]", re.IGNORECASE | re.ASCII)


class WrongSetting(ImproperlyConfigured):
    """A sentence for whoever starts the program; it begins with the variable's name."""


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding space; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def secret(name: str, *, least: int) -> str:
    """Something that nobody guesses, of so many characters at least; empty if not set."""
    value = text(name)
    if value and (len(value) < least or not value.isascii() or not value.isprintable()):
        raise WrongSetting(f"{name} must be at least {least} plain characters.")
    return value


def content(name: str) -> str:
    """What is in the file that the variable names, without surrounding space; empty if not set."""
    value = text(name)
    if not value:
        return ""
    try:
        found = Path(value).read_text().strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise WrongSetting(f"{name}: {value} cannot be read: {why}.") from None
    if not found:
        raise WrongSetting(f"{name}: {value} is empty.")
    return found


def choice(name: str, choices: Iterable[str], default: str = "") -> str:
    """One of a few words, in any case."""
    value = text(name, default).lower()
    if value and value not in choices:
        raise WrongSetting(f"{name} must be {' or '.join(choices)}, not {value!r}.")
    return value


def boolean(name: str, default: bool = False) -> bool:
    """1, true, yes, on or 0, false, no, off in any case."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise WrongSetting(f"{name} must be 1 or 0, not {value!r}.")


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise WrongSetting(f"{name} must be a whole number, not {value!r}.") from None
    if not least <= number <= most:
        raise WrongSetting(f"{name} must be from {least} to {most}, not {number}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas or spaces."""
    return text(name, default).replace(",", " ").split()


def names(name: str) -> list[str]:
    """A list separated by commas alone: names may have spaces in them."""
    return [each.strip() for each in text(name).split(",") if each.strip()]


def url(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    """An address that begins with one of these schemes and goes on after it; empty if not set."""
    value = text(name, default)
    scheme, _, rest = value.partition("://")
    if value and (scheme not in schemes or not rest):
        # What follows the scheme may hold a password, and this is for the log.
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise WrongSetting(f"{name} must begin with {wanted} and name a place.")
    return value


def image(name: str) -> str:
    """The name of an image or its id; empty if not set. Whether there is one is seen later."""
    value = text(name)
    if value and not IMAGE.fullmatch(value):
        raise WrongSetting(f"{name} must be the name of an image, not {value!r}.")
    return value


def hosts(name: str, default: str = "") -> list[str]:
    """Names of hosts as Django takes them, without scheme, port or path."""
    found = words(name, default)
    for host in found:
        if not HOST.fullmatch(host):
            raise WrongSetting(f"{name} must be names of hosts without port, not {host!r}.")
    return found


def addresses(name: str) -> list[str]:
    """Addresses or networks of IP; `*` stands for all."""
    found = words(name)
    for address in found:
        try:
            ip_network("0.0.0.0/0" if address == "*" else address, strict=False)
        except ValueError:
            raise WrongSetting(f"{name} must be IP addresses, not {address!r}.") from None
    return found


def time_zone(name: str, default: str) -> str:
    """The name of a time zone; a file, which the C library would take, counts as not set."""
    value = text(name, default)
    if value.startswith((":", "/")):
        return default
    if value not in available_timezones():
        raise WrongSetting(f"{name} must name a time zone such as Europe/Berlin, not {value!r}.")
    return value
