"""ID tokens that are not for us, not for now, or not the provider's: nobody is signed in."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from accounts.models import User
from tests.accounts.oidc.refusals import WRONG, refused
from tests.oidc_provider import CLIENT_SECRET, Provider

pytestmark = pytest.mark.django_db


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def having(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {**claims, **changes}


@pytest.mark.parametrize(
    "change",
    [
        having(iss="https://evil.example"),
        having(aud="another-client"),
        having(aud=["another-client"], azp="monkey"),
        having(aud=["monkey", "another-client"], azp="another-client"),
        having(nonce="another"),
        having(exp=int(time.time()) - 3600),
        having(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200),
        having(nbf=int(time.time()) + 3600),
        having(sub=""),
        having(sub=4711),
        having(sub="x" * 256),
        having(sub="a\0b"),
        having(sub="a\ud800"),
        having(exp="soon"),
        *(without(name) for name in ("iss", "aud", "nonce", "exp", "iat", "sub")),
    ],
)
def test_an_id_token_for_another_time_place_or_person(come, provider, change):
    provider.change = change
    refused(come(), 502, WRONG)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_another_key(provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048)


def by_an_unknown_key(provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    provider.header = {"alg": "RS256", "kid": "second"}


def by_nobody(provider: Provider) -> None:
    provider.token_of = lambda claims: f"{part({'alg': 'none'})}.{part(claims)}."


def by_nobody_and_offered(provider: Provider) -> None:
    by_nobody(provider)
    provider.document = {"id_token_signing_alg_values_supported": ["none", "RS256"]}


def by_the_secret(provider: Provider) -> None:
    provider.document = {"id_token_signing_alg_values_supported": ["HS256", "RS256"]}
    key = OctKey.import_key(CLIENT_SECRET.ljust(32, "."))
    header = {"alg": "HS256", "kid": "first"}
    provider.token_of = lambda claims: jwt.encode(header, claims, key)


def by_the_public_key(provider: Provider) -> None:
    provider.document = {"id_token_signing_alg_values_supported": ["HS256", "RS256"]}
    words = provider.keys[0].as_pem(private=False).hex()
    key = OctKey.import_key(words)
    header = {"alg": "HS256", "kid": "first"}
    provider.token_of = lambda claims: jwt.encode(header, claims, key)


def with_a_changed_claim(provider: Provider) -> None:
    def changed(claims: dict[str, Any]) -> str:
        head, _, signature = provider.signed(claims).split(".")
        return f"{head}.{part({**claims, 'groups': ['admins']})}.{signature}"

    provider.token_of = changed


def of_something_else(provider: Provider) -> None:
    provider.token_of = lambda claims: "not.a.token"


def of_nothing(provider: Provider) -> None:
    provider.token_of = lambda claims: ""


@pytest.mark.parametrize(
    "sign",
    [
        *(by_another_key, by_an_unknown_key, by_nobody, by_nobody_and_offered, by_the_secret),
        *(by_the_public_key, with_a_changed_claim, of_something_else, of_nothing),
    ],
    ids=lambda sign: sign.__name__,
)
def test_an_id_token_that_the_provider_did_not_sign(come, provider, sign):
    sign(provider)
    refused(come(), 502, WRONG)


def test_a_key_that_is_new_is_looked_for(come, provider):
    come()
    User.objects.all().delete()
    provider.keys.append(RSAKey.generate_key(2048, {"kid": "second", "use": "sig"}))
    provider.key, provider.header = provider.keys[1], {"alg": "RS256", "kid": "second"}
    assert come().status_code == 302
    assert User.objects.get().username == "grace"
