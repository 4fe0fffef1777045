"""Registries of images, as the Engine signs in to them."""

import requests.exceptions
from docker.auth import INDEX_NAME, INDEX_URL
from docker.errors import APIError

from containermonkey.problems import Invalid, Problem
from engine.client import Docker
from engine.errors import sentence, translated

__all__ = ["INDEX_NAME", "RegistryAway", "SignInRefused", "auth_config", "sign_in"]

REFUSED = 401
REFUSALS = ("unauthorized", "incorrect username or password", "denied")

UNSEEN = "••••••"


class SignInRefused(Invalid):
    """The registry does not take this user name with this password."""

    code = "sign_in_refused"


class RegistryAway(Problem):
    """The registry did not say whether it takes them."""

    status, code = 502, "registry_unreachable"


def auth_config(address: str, username: str, password: str) -> dict[str, str]:
    """Credentials as the Engine takes them, for a pull or to be tried."""
    server = INDEX_URL if address == INDEX_NAME else address
    return {"username": username, "password": password, "serveraddress": server}


def sign_in(docker: Docker, credentials: dict[str, str]) -> None:
    """Have the Engine try credentials, and keep none of them.

    Raise SignInRefused, or RegistryAway with the Engine's words where it could not find out.
    """
    with translated(docker.url):
        try:
            response = docker._post_json(docker._url("/auth"), data=credentials)
            docker._raise_for_status(response)
        except APIError as error:
            raise of_answer(error, credentials) from None
        except requests.exceptions.ReadTimeout:
            raise RegistryAway("The registry did not answer in time.") from None


def of_answer(error: APIError, credentials: dict[str, str]) -> Problem:
    """What the Engine's answer means; nobody knows what a registry repeats in its words."""
    words = sentence(error.explanation or str(error)).replace(credentials["password"], UNSEEN)
    if error.status_code == REFUSED or any(each in words.lower() for each in REFUSALS):
        return SignInRefused(f"The registry does not take this sign-in: {words}")
    return RegistryAway(f"The Docker host could not sign in: {words}")
