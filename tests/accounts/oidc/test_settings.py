"""The settings are whole and safe, or the program does not start and says which is not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from containermonkey import env, oidc
from containermonkey.env import WrongSetting
from system.check import exposure
from tests.site import ROOT

NOTHING: dict[str, Any] = {
    **{"issuer": "", "client_id": "", "client_secret": "", "scopes": []},
    **{"viewers": [], "operators": [], "administrators": []},
}
WHOLE = NOTHING | {
    **{"issuer": "https://id.example.org/realm", "client_id": "monkey", "client_secret": "s3cret"},
    "operators": ["ops"],
}


def test_it_is_off_by_default() -> None:
    assert oidc.provider(**NOTHING) is None


def test_what_is_left_out_has_a_default() -> None:
    made = oidc.provider(**WHOLE)
    assert made is not None
    assert (made.name, made.scopes, made.roles_claim) == (
        *("id.example.org", ["openid", "profile"], "groups"),
    )
    assert "s3cret" not in repr(made)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (NOTHING | {"operators": ["ops"]}, "CONTAINERMONKEY_OIDC_ISSUER is missing"),
        (NOTHING | {"name": "Cloud"}, "CONTAINERMONKEY_OIDC_ISSUER is missing"),
        (NOTHING | {"default_role": "viewer"}, "CONTAINERMONKEY_OIDC_ISSUER is missing"),
        (WHOLE | {"client_id": ""}, "CONTAINERMONKEY_OIDC_CLIENT_ID is missing"),
        (WHOLE | {"client_secret": ""}, "CONTAINERMONKEY_OIDC_CLIENT_SECRET is missing"),
        (WHOLE | {"operators": []}, "CONTAINERMONKEY_OIDC_ADMINISTRATORS, "),
    ],
)
def test_half_of_it_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongSetting) as refusal:
        oidc.provider(**given)
    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize(
    "issuer",
    [
        *("http://id.example.org", "http://10.0.0.1", "http://localhost.example.org"),
        *("ftp://id.example.org", "id.example.org", "https://", "https:///realm"),
        *("https://me:pass-word@id.example.org", "https://id.example.org/?a=b", "https://x/#y"),
        *("https://id.example.org:port", "https://[", f"https://{'x' * 255}", "nonsense"),
    ],
)
def test_an_issuer_that_others_could_speak_for_is_refused(issuer: str) -> None:
    with pytest.raises(WrongSetting, match=r"^CONTAINERMONKEY_OIDC_ISSUER must") as refusal:
        oidc.provider(**WHOLE | {"issuer": issuer})
    assert "pass-word" not in str(refusal.value)


@pytest.mark.parametrize(
    "issuer",
    [
        *("https://id.example.org:8443/realm/", "http://127.0.0.1:5556/dex", "http://localhost"),
        "http://[::1]:5556",
    ],
)
def test_an_issuer_is_safe_by_tls_or_on_this_machine(issuer: str) -> None:
    made = oidc.provider(**WHOLE | {"issuer": issuer})
    assert made is not None and made.issuer == issuer


def started(tmp_path: Path, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"],
        env={**os.environ, "CONTAINERMONKEY_DATA": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
        timeout=180,
    )
    return done.returncode, done.stderr.strip()


def test_whoever_starts_the_program_reads_one_sentence(tmp_path: Path) -> None:
    status, words = started(tmp_path, CONTAINERMONKEY_OIDC_ISSUER="https://id.example.org")
    sentence = "CONTAINERMONKEY_OIDC_CLIENT_ID is missing; other settings of OIDC are there."
    assert (status, words) == (1, sentence)


def test_all_of_it_comes_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    variables = {
        "CONTAINERMONKEY_OIDC_ISSUER": "https://id.example.org",
        "CONTAINERMONKEY_OIDC_CLIENT_ID": "monkey",
        "CONTAINERMONKEY_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "CONTAINERMONKEY_OIDC_ADMINISTRATORS": "Chief Ops, admins",
        "CONTAINERMONKEY_OIDC_DEFAULT_ROLE": "Viewer",
        "CONTAINERMONKEY_DATA": str(tmp_path / "data"),
    }
    said = "from containermonkey.settings import OIDC as o"
    said += "; print(o.client_secret, o.groups['administrator'], o.default_role)"
    done = subprocess.run(
        [sys.executable, "-c", said],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "from a file ['Chief Ops', 'admins'] viewer"


def test_a_file_that_holds_no_secret_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, held in {"missing": None, "empty": b" \n", "odd": b"\xff"}.items():
        if held is not None:
            (tmp_path / name).write_bytes(held)
        monkeypatch.setenv("SECRET_FILE", str(tmp_path / name))
        with pytest.raises(WrongSetting, match=f"^SECRET_FILE: .*/{name} "):
            env.content("SECRET_FILE")
    monkeypatch.delenv("SECRET_FILE")
    assert env.content("SECRET_FILE") == ""


def test_a_role_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE", "root")
    words = "^ROLE must be viewer or operator or administrator, not 'root'"
    with pytest.raises(WrongSetting, match=words):
        env.choice("ROLE", oidc.ROLES)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"default_role": "viewer"}, ""),
        ({"default_role": "administrator"}, "is administrator here"),
        ({"issuer": "http://127.0.0.1:5556"}, "without TLS"),
    ],
)
def test_what_could_be_safer_is_said(changes: dict[str, Any], words: str, settings: Any) -> None:
    settings.OIDC = oidc.provider(**WHOLE | changes)
    check = next(check for check in exposure.checks() if check.name == exposure.SIGN_ON)
    assert check.ok and words in check.detail and check.is_advice == bool(words)
    assert (exposure.SIGN_ON in {check.name for check in exposure.at_start()}) == bool(words)
