"""What is secret is in no log, no error and no page: words that nobody else says are looked for."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.site import ROOT, Site, free_port

TOKEN = "marker-of-the-metrics-token"
PASSWORD = "marker-of-a-registry-password"
VARIABLE = "marker-of-a-variable"
GUESS = "marker-of-a-wrong-password"
SECRETS = (TOKEN, PASSWORD, VARIABLE, GUESS)


def call(site: Site, path: str, body: Any = None, **headers: str) -> Any:
    """Status, cookies and text of an answer of the API."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    with contextlib.closing(connection):
        method = "GET" if body is None else "POST"
        headers = {"Content-Type": "application/json", **headers}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        cookies = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or []]
        return answer.status, cookies, answer.read().decode()


def test_the_servers_log_and_its_errors_have_no_secret(make_site, make_container):
    container = make_container("secretive", command=["sleep", "600"])
    site = make_site(CONTAINERMONKEY_METRICS_TOKEN=TOKEN)
    said = [call(site, "/api/login", {"username": "monkeysee", "password": GUESS})[2]]
    said.append(call(site, "/api/login", [GUESS])[2])
    said.append(call(site, "/metrics", Authorization=f"Bearer {GUESS}")[2])
    cookies = call(site, "/api/login", {"username": "monkeysee", "password": "monkeydo"})[1]
    _, more, text = call(site, "/api/auth-status", Cookie="; ".join(cookies))
    signed = {
        "Cookie": "; ".join(dict.fromkeys([*cookies, *more])),
        "X-CSRFToken": json.loads(text)["csrf_token"],
    }
    run = f"/api/container/{container}/exec"
    wrong = {"command": ["no-such-program"], "environment": {"A": VARIABLE}}
    for path, body in (
        ("/api/registries", {"address": "127.0.0.1:9", "username": "u", "password": PASSWORD}),
        ("/api/registries", {"address": [PASSWORD], "username": "u", "password": PASSWORD}),
        (run, wrong),
        (run, {**wrong, "timeout": "x"}),
        ("/api/container/nobody/exec", wrong),
        ("/api/change-password", {"current_password": GUESS, "new_password": "x"}),
    ):
        status, _, text = call(site, path, body, **signed)
        assert status not in {401, 403, 405, 500}, (path, text)
        said.append(text)
        assert "Traceback" not in text
    for page in ("/system/check/", "/admin/", "/", "/images/registries/"):
        said.append(call(site, page, Cookie=signed["Cookie"])[2])
    site.stop()
    for secret in SECRETS:
        assert secret not in site.log
        assert not [text for text in said if secret in text]


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": f"postgres://monkey:{PASSWORD}@127.0.0.1:9/none"},
        {"DATABASE_URL": f"postgres://monkey:{PASSWORD}@127.0.0.1:port/none"},
        {"DATABASE_URL": f"mysql://monkey:{PASSWORD}@127.0.0.1/none"},
        {"REDIS_URL": f"http://:{PASSWORD}@127.0.0.1:9"},
        {"REDIS_URL": f"redis://:{PASSWORD}/half@127.0.0.1:9"},
        {"CONTAINERMONKEY_METRICS_TOKEN": f"{PASSWORD}\u00e4"},
    ],
    ids=["unreachable", "port", "kind", "redis", "slash", "token"],
)
def test_a_start_that_fails_says_no_password(tmp_path, variables):
    environment = {
        **os.environ,
        "CONTAINERMONKEY_DATA": str(tmp_path / "data"),
        "PORT": str(free_port()),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "serve"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 1
    assert next(iter(variables)) in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
