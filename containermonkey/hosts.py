"""Under which names the program answers.

A page of somebody else's site can have its name lead to an address in a private network, and its
scripts then speak to whatever listens there as to their own site (DNS rebinding). So a name counts
only where nobody in the internet can own it, or where it was listed.
"""

import logging
import socket
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host

from containermonkey.once import warn_once
from containermonkey.problems import Invalid

logger = logging.getLogger(__name__)

PRIVATE = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".home")
"""Endings of names that are given within a house: nobody can register one."""


class UnknownHost(Invalid):
    code = "unknown_host"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This program does not answer to the name {name}. If that is a name of yours for it, "
            "add it to CONTAINERMONKEY_ALLOWED_HOSTS and start the program again; its IP address "
            "works in any case."
        )


class KnownHosts:
    """Refuses requests that call the program by a name which is not its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if answers_to(host := request.get_host()):
            return self.get_response(request)
        from containermonkey.views import explain

        tell(host)
        return explain(request, UnknownHost(name_in(host)))


def answers_to(host: str) -> bool:
    """Whether a request with this `Host` is for us, whatever the port."""
    name = name_in(host)
    if not name:
        return False
    return is_private(name) or validate_host(name, settings.KNOWN_HOSTS)


def is_private(name: str) -> bool:
    """Whether no stranger can have this name: an address, one without a dot, one of a house."""
    if "." not in name or name.endswith(PRIVATE) or name == socket.gethostname().lower():
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def name_in(host: str) -> str:
    """The name without its port, in small letters; nothing where it is none."""
    return split_domain_port(host)[0]


def tell(host: str) -> None:
    """Say in the log what to do about a name."""
    warn_once(logger, str(UnknownHost(name_in(host))))
