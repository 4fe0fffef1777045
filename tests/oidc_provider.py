"""An OIDC provider on this machine: as strict as one should be, and wrong where a test says so."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "monkey", "a-secret-of-the-client"
Claims = dict[str, Any]


class Provider:
    """Signs in `person` at once or, with `asks`, when a link on its page is followed.

    `person` are the claims of an ID token, `told` what is asked for beside it. `answers` has paths
    that are answered with something else: status, headers and body. `change` changes the claims
    before they are signed, `key` and `header` how. `seen` are the requests in their order.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.url = f"http://{host}:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})]
        self.key: Any = self.keys[0]
        self.header = {"alg": "RS256", "kid": "first"}
        self.person: Claims = {"sub": "4711", "preferred_username": "grace", "groups": ["ops"]}
        self.told: Claims = {}
        self.asks = False
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.document: Claims = {}
        self.change: Callable[[Claims], Claims] = dict
        self.token_of: Callable[[Claims], str] = self.signed
        self.seen: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.access: set[str] = set()

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def metadata(self) -> Claims:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.document,
        }

    def way_back(self, address: str) -> str:
        """Where somebody is sent who was sent to this address. An AssertionError for a request
        that lacks what it must have."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.url}/authorize?")
        assert asked["client_id"] == CLIENT_ID and asked["response_type"] == "code"
        assert "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 20 and len(asked["nonce"]) >= 20
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{query}"

    def signed(self, claims: Claims) -> str:
        # JSON as others write it: with what is no character spelled out.
        payload = json.dumps(claims).encode()
        allowed = [self.header["alg"]]
        return jws.serialize_compact(self.header, payload, self.key, algorithms=allowed)

    def tokens_for(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """What the token endpoint answers."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if (
            not asked
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
            or form.get("grant_type") != "authorization_code"
        ):
            return 400, {"error": "invalid_grant", "error_description": form.get("code", "")}
        access = secrets.token_urlsafe(24)
        self.access.add(access)
        now = int(time.time())
        claims = {
            **{"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300},
            **{"nonce": asked["nonce"], **self.person},
        }
        token = self.token_of(self.change(claims))
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": token}


def handler_for(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.noted()
            if path in provider.answers:
                return self.answer(*provider.answers[path])
            if path == "/.well-known/openid-configuration":
                return self.answer_json(200, provider.metadata())
            if path == "/jwks":
                return self.answer_json(200, KeySet(provider.keys).as_dict(private=False))
            if path == "/userinfo":
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                known = token in provider.access
                told = {"sub": provider.person["sub"], **provider.told}
                return self.answer_json(*((200, told) if known else (401, {})))
            if path == "/authorize":
                return self.authorize()
            return self.answer_json(404, {})

        def do_POST(self) -> None:
            path = self.noted()
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if path in provider.answers:
                return self.answer(*provider.answers[path])
            form = dict(parse_qsl(body))
            authorization = self.headers.get("Authorization", "")
            return self.answer_json(*provider.tokens_for(form, authorization))

        def authorize(self) -> None:
            way = provider.way_back(f"{provider.url}{self.path}")
            if not provider.asks:
                return self.answer(302, {"Location": way}, b"")
            head = '<!doctype html><title>Provider</title><link rel="icon" href="data:,">'
            page = f'{head}<a href="{escape(way)}">Go on as Grace</a>'
            return self.answer(200, {"Content-Type": "text/html"}, page.encode())

        def noted(self) -> str:
            path = urlsplit(self.path).path
            provider.seen.append(path)
            return path

        def answer_json(self, status: int, body: Claims) -> None:
            self.answer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing: `seen` is what tests look at."""

    return Handler
