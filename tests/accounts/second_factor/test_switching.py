"""The second factor switched on and off, and confirmed again."""

import re

import pyotp
import pytest
from django.test import Client

from accounts.models import RecoveryCode, SecondFactor, Session
from accounts.second_factor import services
from tests.accounts.second_factor.conftest import Phone, login
from tests.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
CODE = re.compile(r"[0-9a-f]{5}(?:-[0-9a-f]{5}){3}")


def send(client, path, **body):
    return client.post(f"/api/second-factor/{path}", body, content_type="application/json")


def test_the_page_switches_it_on(now, operator_client, operator):
    elsewhere = signed_in(operator)
    page = operator_client.get("/accounts/second-factor/set-up/")
    text = page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "<svg" in text and "style=" not in text.partition("<svg")[2].partition("</svg>")[0]
    secret = re.search(r'value="([A-Z2-7]{32})"', text)[1]
    assert secret in operator_client.get("/accounts/second-factor/set-up/").content.decode()
    phone = Phone(secret, now)
    form = {"current_password": PASSWORD, "otp": phone.wrong()}
    assert operator_client.post("/accounts/second-factor/set-up/", form).status_code == 422
    form = {"current_password": "wrong", "otp": phone.code()}
    assert operator_client.post("/accounts/second-factor/set-up/", form).status_code == 422
    assert not SecondFactor.objects.exists()
    form = {"current_password": PASSWORD, "otp": phone.code()}
    done = operator_client.post("/accounts/second-factor/set-up/", form)
    codes = CODE.findall(done.content.decode())
    assert done.status_code == 200 and len(set(codes)) == 10
    assert "no-store" in done["Cache-Control"]
    assert not elsewhere.get("/api/auth-status").json()["authenticated"]
    assert operator_client.get("/api/auth-status").json()["authenticated"]
    assert "10 of 10" in operator_client.get("/accounts/second-factor/").content.decode()
    assert login(Client(), otp=form["otp"]).json()["code"] == "otp_wrong"  # used already
    assert login(Client(), otp=codes[0]).status_code == 200


def test_the_secret_waits_in_the_session_encrypted(operator_client):
    text = operator_client.get("/accounts/second-factor/set-up/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', text)[1]
    assert secret not in repr(Session.objects.get().get_decoded())


def test_the_api_switches_it_on_and_off(now, operator_client):
    told = send(operator_client, "secret").json()
    phone = Phone(told["secret"], now)
    assert pyotp.parse_uri(told["address"]).secret == told["secret"]
    on = send(operator_client, "on", current_password=PASSWORD, otp=phone.code())
    assert on.status_code == 200 and len(on.json()["recovery_codes"]) == 10
    state = operator_client.get("/api/second-factor").json()
    assert (state["on"], state["recovery_codes_left"]) == (True, 10)
    assert send(operator_client, "secret").status_code == 409
    wrong = send(operator_client, "off", current_password="wrong", otp=phone.code())
    assert wrong.json()["fields"].keys() == {"current_password"}
    assert send(operator_client, "off", current_password=PASSWORD, otp="1").status_code == 400
    off = send(operator_client, "off", current_password=PASSWORD, otp=phone.code())
    assert off.status_code == 200
    assert operator_client.get("/api/second-factor").json()["on"] is False
    assert not RecoveryCode.objects.exists()
    assert send(operator_client, "off", current_password=PASSWORD, otp="1").status_code == 409
    assert login(Client()).status_code == 200


def test_new_recovery_codes_make_the_former_void(phone_of, operator_client, operator):
    phone = phone_of(operator)
    (old, *_) = services.make_recovery_codes(operator)
    form = {"current_password": PASSWORD, "otp": phone.code()}
    page = operator_client.post("/accounts/second-factor/recovery/", form).content.decode()
    codes = CODE.findall(page)
    assert len(set(codes)) == 10 and old not in codes
    assert login(Client(), otp=old).json()["code"] == "otp_wrong"
    assert login(Client(), otp=codes[0]).status_code == 200


def test_the_page_switches_it_off(phone_of, operator_client, operator):
    phone = phone_of(operator)
    form = {"current_password": PASSWORD, "otp": phone.code()}
    assert operator_client.post("/accounts/second-factor/off/", form).status_code == 302
    page = operator_client.get("/accounts/second-factor/").content.decode()
    assert "password alone" in page
    assert not SecondFactor.objects.exists()


# A fresh code

CONSOLE = "/console/web"


@pytest.fixture
def ten_minutes(settings):
    settings.FRESH_CODE = 600
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"


def test_a_console_asks_for_a_fresh_code(phone_of, now, ten_minutes, operator):
    phone, client = phone_of(operator), Client()
    login(client, otp=phone.code())
    assert client.get(CONSOLE).status_code == 503
    make_stale(client)
    answer = client.get(CONSOLE)
    assert answer.url == "/accounts/second-factor/confirm/?next=%2Fconsole%2Fweb"
    before = client.cookies["sessionid"].value
    assert client.post(answer.url, {"otp": phone.wrong()}).status_code == 422
    assert client.get(CONSOLE).status_code == 302
    assert client.post(answer.url, {"otp": phone.code()}).url == CONSOLE
    assert client.cookies["sessionid"].value != before
    assert client.get(CONSOLE).status_code == 503


def make_stale(client: Client) -> None:
    session = client.session
    session["code_at"] -= 3600
    session.save()


def test_restores_and_commands_by_the_api_ask_too(phone_of, ten_minutes, operator):
    phone, client = phone_of(operator), Client()
    login(client, otp=phone.code())
    make_stale(client)
    for path in ("/api/restore-backup", "/api/container/web/exec"):
        body = {"filename": "x.tar.gz", "command": "id"}
        answer = client.post(path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_code_required")
    assert send(client, "confirm", otp=phone.code()).status_code == 200
    answer = client.post("/api/container/web/exec", {"command": "id"}, "application/json")
    assert answer.status_code == 503


def test_what_does_not_reach_far_does_not_ask(phone_of, ten_minutes, operator):
    phone, client = phone_of(operator), Client()
    login(client, otp=phone.code())
    make_stale(client)
    assert client.post("/api/container/web/start", {}, "application/json").status_code == 503


def test_whoever_has_no_second_factor_is_not_asked(ten_minutes, operator_client):
    assert operator_client.get(CONSOLE).status_code == 503


def test_without_the_setting_nobody_is_asked(phone_of, settings, operator):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    phone, client = phone_of(operator), Client()
    login(client, otp=phone.code())
    make_stale(client)
    assert client.get(CONSOLE).status_code == 503
