"""The provider: how it is asked, and whether what it answers is to be believed.

Authlib speaks the protocol. What is here bounds it: a time and a size for each answer, no way to
elsewhere, signatures that a key of the provider has to make, and the issuer and the audience that
the settings name.
"""

import io
import logging
import re
import time
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import InvalidClaimError, JoseError, MissingClaimError
from requests.adapters import HTTPAdapter

from accounts.oidc.problems import NotBegun, NotSignedInThere, ProviderAway, ProviderWrong
from accounts.services import is_storable
from containermonkey.oidc import LONGEST_ISSUER, Oidc, is_safe

logger = logging.getLogger(__name__)

TIMEOUT = (5, 10)
"""Seconds to connect, and until a further byte comes."""
PATIENCE = 10
"""Seconds for the whole of an answer."""
LARGEST, PIECE = 1 << 20, 1 << 16
KNOWN_FOR = 3600
"""Seconds for which a provider's addresses and keys are remembered; a key whose name is not among
them is looked for at once."""
LEEWAY = 60
"""Seconds that the provider's clock may be wrong by."""

# Made by a private key: with HS256 whoever has the client's secret, and with `none` everybody,
# could make a token.
SIGNATURES = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)

# What requests, Authlib and its parsers raise at answers that are cut, malformed or untrue.
UNREADABLE = (
    *(requests.RequestException, urllib3.exceptions.HTTPError, AuthlibBaseError, JoseError),
    *(ValueError, TypeError, KeyError, AttributeError, RuntimeError, OverflowError),
)
CODE = re.compile(r"[a-z_]{1,60}")
"""What the protocols call errors."""

AWAY = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)


class Unbelievable(ValueError):
    """Our own words of what is wrong with an answer; they are for the log."""


class Bounded(HTTPAdapter):
    """Reads answers as a whole, with an end of time and of size."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        answer = super().send(request, *args, **{**options, "stream": True})
        answer.raw = io.BytesIO(read_within_bounds(answer.raw))
        return answer


def read_within_bounds(raw: Any) -> bytes:
    body, until = b"", time.monotonic() + PATIENCE
    try:
        while block := raw.read1(PIECE, decode_content=True):
            body += block
            if len(body) > LARGEST:
                raise Unbelievable(f"the answer is larger than {LARGEST} bytes")
            if time.monotonic() > until:
                raise requests.Timeout(f"the answer took longer than {PATIENCE} seconds")
    finally:
        raw.close()
    return body


class Session(OAuth2Session):
    """Follows no redirect: the addresses are those that the provider has told."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for scheme in ("https://", "http://"):
            self.mount(scheme, Bounded())

    def request(self, method: str, url: str, *args: Any, **options: Any) -> requests.Response:
        options |= {"allow_redirects": False, "timeout": TIMEOUT}
        if urlsplit(url).scheme == "http":
            # It is on this machine: a proxy of the environment would read the client's secret.
            options["proxies"] = {"http": None, "all": None}
        answer: requests.Response = super().request(method, url, *args, **options)
        if answer.is_redirect:
            raise Unbelievable("the answer leads elsewhere")
        return answer


class Provider(DjangoOAuth2App):
    client_cls = Session


_known: tuple[Oidc, float, Provider] | None = None


def connect(oidc: Oidc) -> Provider:
    """The provider with its addresses, which are asked for once an hour."""
    global _known
    known = _known
    if known and known[0] == oidc and time.monotonic() - known[1] < KNOWN_FOR:
        return known[2]
    provider = discover(oidc)
    _known = oidc, time.monotonic(), provider
    return provider


def forget() -> None:
    """Ask for the addresses and keys anew."""
    global _known
    _known = None


def discover(oidc: Oidc) -> Provider:
    with Session() as session:
        place = f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = session.request("GET", place, withhold_token=True)
        answer.raise_for_status()
        told = believable(oidc, answer.json())
    return Provider(
        *(DjangoIntegration("oidc"), "oidc"),
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        client_kwargs={"scope": " ".join(oidc.scopes), "code_challenge_method": "S256"},
        **told,
    )


def believable(oidc: Oidc, told: dict[str, Any]) -> dict[str, Any]:
    """What is used of a discovery document. Raise Unbelievable where it is not to be believed."""
    if told["issuer"] != oidc.issuer:
        called = str(told["issuer"])[:LONGEST_ISSUER]
        raise Unbelievable(f"it calls itself {called!r}, and the setting {oidc.issuer!r}")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    addresses = {name: told[name] for name in needed}
    if "userinfo_endpoint" in told:
        addresses["userinfo_endpoint"] = told["userinfo_endpoint"]
    for name, address in addresses.items():
        is_weaker = urlsplit(oidc.issuer).scheme == "https" != urlsplit(address).scheme
        if is_weaker or not is_safe(address):
            raise Unbelievable(f"its {name} is not https")
    offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
    signatures = [name for name in SIGNATURES if name in offered]
    if not signatures:
        raise Unbelievable(f"it signs by none of {', '.join(SIGNATURES)}")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = "client_secret_basic" in methods
    return {
        **addresses,
        "issuer": oidc.issuer,
        "id_token_signing_alg_values_supported": signatures,
        "token_endpoint_auth_method": "client_secret_basic" if basic else "client_secret_post",
    }


def way_in(oidc: Oidc, return_address: str) -> dict[str, str]:
    """The address at the provider to send somebody to, as `url`, and what has to be kept of it:
    `state`, `nonce` and `code_verifier`. Raise ProviderAway or ProviderWrong.
    """
    try:
        made: dict[str, str] = connect(oidc).create_authorization_url(return_address)
    except UNREADABLE as error:
        raise problem_of(error) from error
    return made


def claims_for(oidc: Oidc, code: str, begun: dict[str, str]) -> dict[str, Any]:
    """What the provider says of whoever came back with a code, after everything was checked.

    Raise NotBegun for a code that it does not know (any more), ProviderAway or ProviderWrong.
    """
    try:
        provider = connect(oidc)
        token = provider.fetch_access_token(
            begun["return_address"], code=code, code_verifier=begun["code_verifier"]
        )
        claims = dict(checked(oidc, provider, token, begun["nonce"]))
        return claims | further(oidc, provider, token, claims)
    except UNREADABLE as error:
        raise problem_of(error) from error


def checked(oidc: Oidc, provider: Provider, token: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of an ID token: signature, issuer, audience, time and nonce are right."""
    options = {
        "iss": {"essential": True, "value": oidc.issuer},
        "aud": {"essential": True, "value": oidc.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    claims = provider.parse_id_token(token, nonce, claims_options=options, leeway=LEEWAY)
    if claims is None:
        raise Unbelievable("there is no ID token in its answer")
    subject = claims["sub"]
    if not (isinstance(subject, str) and 0 < len(subject) <= 255 and is_storable(subject)):
        raise Unbelievable("the subject is none")
    return dict(claims)


def further(
    oidc: Oidc, provider: Provider, token: dict[str, Any], claims: dict[str, Any]
) -> dict[str, Any]:
    """What the provider tells only where it is asked for it, as some do of names and groups."""
    wanted = {"preferred_username"}
    if oidc.decides_roles:
        wanted.add(oidc.roles_claim.partition(".")[0])
    if wanted <= claims.keys() or "userinfo_endpoint" not in provider.server_metadata:
        return {}
    told = provider.userinfo(token=token)
    if told["sub"] != claims["sub"]:
        raise Unbelievable("its user information is somebody else's")
    # What is signed counts where both say something.
    return {name: value for name, value in told.items() if name not in claims}


def problem_of(error: Exception) -> NotSignedInThere:
    """What a person is told; the log has the kind of error, which holds no code and no token."""
    if isinstance(error, OAuthError) and error.error == "invalid_grant":
        return NotBegun()
    logger.warning("Sign-in through the OIDC provider: %s", words_of(error))
    if isinstance(error, JoseError):
        forget()  # its keys may be others by now
    is_fault = isinstance(error, requests.HTTPError) and error.response.status_code >= 500
    return ProviderAway() if is_fault or isinstance(error, AWAY) else ProviderWrong()


def words_of(error: Exception) -> str:
    """What an error is, without anything that it quotes of an answer."""
    kind = type(error).__name__
    if isinstance(error, Unbelievable):
        return str(error)
    if isinstance(error, requests.HTTPError):
        return f"it answered {error.response.status_code}"
    if isinstance(error, InvalidClaimError | MissingClaimError):
        return f"{kind}: {error.claim}"
    code = str(getattr(error, "error", ""))
    return f"{kind}: {code}" if CODE.fullmatch(code) else kind
