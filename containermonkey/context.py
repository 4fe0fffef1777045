"""What every page shows around its content. Each value is found out only if it is asked for."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.services import default_password_in_use
from containermonkey.navigation import navigation
from containermonkey.problems import Problem
from engine import engine
from jobs.services import current_jobs

THEME_COOKIE = "theme"

HOST_IS_FRESH_FOR = 300
HOST_IS_DOWN_FOR = 5
"""Seconds after which the Engine is asked again who it is; soon, when it did not answer."""


@dataclass(frozen=True)
class Theme:
    value: str
    label: str
    icon: str


THEMES = (
    Theme("system", "Follow the system", icon="desktop"),
    Theme("light", "Light", icon="sun"),
    Theme("dark", "Dark", icon="moon"),
)


@dataclass(frozen=True)
class Host:
    """The Docker host of the sidebar; without a version the Engine did not answer."""

    name: str
    version: str
    place: str


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: navigation, host, running job, theme and the warning of the password."""
    shown: dict[str, Any] = {"theme": theme_of(request), "themes": THEMES}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shown
    return shown | {
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "host": SimpleLazyObject(engine_host),
        "current_job": SimpleLazyObject(lambda: current_jobs().first()),
        "default_password_in_use": default_password_in_use(user),
    }


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "system")
    return chosen if is_theme(chosen) else "system"


def is_theme(value: str) -> bool:
    return value in {theme.value for theme in THEMES}


def engine_host() -> Host:
    """Name and version of the Docker host, asked once in a while."""
    key = f"engine-host:{settings.DOCKER_HOST}"
    host = cache.get(key)
    if host is None:
        host = asked_host()
        cache.set(key, host, HOST_IS_FRESH_FOR if host.version else HOST_IS_DOWN_FOR)
    return host


def asked_host() -> Host:
    url = settings.DOCKER_HOST
    place = "local" if url.startswith("unix:") else url.partition("://")[2]
    try:
        with engine() as docker:
            about = docker.info()
    except Problem:
        return Host("Docker", "", place)
    return Host(about.get("Name") or "Docker", about.get("ServerVersion") or "?", place)
