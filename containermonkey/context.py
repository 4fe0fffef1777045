"""What every page shows around its content. Each value is found out only if it is asked for."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Right
from accounts.rights import rights_of, role_name
from accounts.services import default_password_in_use
from containermonkey.engine_state import known_state
from containermonkey.navigation import navigation
from containermonkey.problems import Problem
from engine import contact, engine
from engine.about import ask_about, known_about
from engine.client import current_url
from engine.patience import PATIENCE, patient_for
from jobs.services import current_jobs
from system.dashboard.counts import at_hand as at_hand_counts
from system.host.services import at_hand

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
    """Context processor: navigation, host, running job, theme and the warning of the password.

    Who may see nothing has a frame without the host, in which there is a way to sign out.
    """
    shown: dict[str, Any] = {"theme": theme_of(request), "themes": THEMES}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shown
    shown["default_password_in_use"] = default_password_in_use(user)
    shown["own_role"] = role_name(user).capitalize()
    if Right.SEE not in rights_of(user):
        return shown
    return shown | {
        "sees": True,
        "navigation": SimpleLazyObject(lambda: navigation(request, at_hand_counts())),
        "host": SimpleLazyObject(engine_host),
        "engine_state": SimpleLazyObject(lambda: known_state(request)),
        "host_seen": SimpleLazyObject(at_hand),
        "current_job": SimpleLazyObject(lambda: current_jobs().first()),
    }


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "system")
    return chosen if is_theme(chosen) else "system"


def is_theme(value: str) -> bool:
    return value in {theme.value for theme in THEMES}


def engine_host() -> Host:
    """Name and version of the Docker host, asked once in a while, and not while it is away."""
    if contact.loss(current_url()):
        return silent_host()
    key = f"engine-host:{current_url()}"
    host = cache.get(key)
    if host is None:
        host = asked_host()
        cache.set(key, host, HOST_IS_FRESH_FOR if host.version else HOST_IS_DOWN_FOR)
    return host


def asked_host() -> Host:
    try:
        with patient_for(PATIENCE), engine() as docker:
            about = ask_about(docker)
    except Problem:
        return silent_host()
    return Host(about.name, about.version, place_of_host())


def silent_host() -> Host:
    known = known_about()
    return Host(known.name if known else "Docker", "", place_of_host())


def place_of_host() -> str:
    url = current_url()
    return "local" if url.startswith("unix:") else url.partition("://")[2]
