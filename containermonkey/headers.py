"""Headers that every answer has, whoever made it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NEVER_USED = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation"),
    *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    *("screen-wake-lock", "xr-spatial-tracking"),
)

ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NEVER_USED),
}


class SafeHeaders:
    """Adds what browsers and caches are to be told, beside what Django's own middleware adds.

    Nothing is kept by a cache unless it says that it may be: nearly every page has something in it
    that is not for the next person at the same machine, and Back would show it after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
