"""What to do where a browser's page seems to come from another place than this program.

That is what a page of somebody else's site looks like, and also a proxy that does not say by which
scheme and name it was called.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def advice_on(request: HttpRequest) -> str:
    """What was seen and what to set; nothing where a form came from where it should."""
    origin = request.headers.get("Origin", "")
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""
    if not origin or origin == own:
        return ""
    return advice(origin, own, getattr(request, "scope", {}))


def advice(origin: str, own: str, scope: Mapping[str, Any]) -> str:
    """Sentences for whoever runs the program behind a proxy."""
    seen = f"The browser shows {origin[:200]}, and the program was called as {own}."
    return f"{seen} If both are this program, {what_to_set(scope)}"


def what_to_set(scope: Mapping[str, Any]) -> str:
    peer = (scope.get("client") or ("of the proxy", 0))[0]
    if scope.get("through"):
        return (
            f"have the proxy at {scope['through']} send X-Forwarded-Proto and X-Forwarded-Host as "
            "the browser has them."
        )
    if scope.get("unbelieved"):
        return (
            f"the proxy at {peer} said so and was not believed: add {peer} to "
            "CONTAINERMONKEY_TRUSTED_PROXIES and start the program again."
        )
    return (
        "have the proxy in between pass on Host as the browser sends it, set X-Forwarded-Proto, "
        f"and add its address ({peer}) to CONTAINERMONKEY_TRUSTED_PROXIES."
    )
