"""Signing in with a code beside the password."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import limits
from accounts.models import AuditEntry, SecondFactor, User
from accounts.second_factor import services
from tests.accounts.second_factor.conftest import login
from tests.accounts.tokens.conftest import Script
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
WHO = {"username": "otto", "password": PASSWORD, "next": "/jobs/"}


def is_signed_in(client: Client) -> bool:
    return client.get("/api/auth-status").json()["authenticated"]


def test_the_page_asks_for_the_code_after_the_password(phone_of, operator):
    phone, client = phone_of(operator), Client()
    answer = client.post("/accounts/sign-in/", WHO)
    assert answer.url == "/accounts/sign-in/code/?next=%2Fjobs%2F"
    assert not is_signed_in(client)
    assert client.get("/jobs/").status_code == 302
    before = client.cookies["sessionid"].value
    page = client.get(answer.url)
    assert 'autocomplete="one-time-code"' in page.content.decode()
    wrong = client.post(answer.url, {"otp": phone.wrong()})
    assert wrong.status_code == 422 and "not right" in wrong.content.decode()
    code = phone.code()
    done = client.post(answer.url, {"otp": f"{code[:3]} {code[3:]}", "next": "/jobs/"})
    assert done.url == "/jobs/"
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != before


def test_the_code_is_asked_of_nobody_without_the_password(phone_of, operator):
    phone_of(operator)
    client = Client()
    assert client.get("/accounts/sign-in/code/").url == "/accounts/sign-in/"
    assert client.post("/accounts/sign-in/", WHO | {"password": "wrong"}).status_code == 422
    assert client.post("/accounts/sign-in/code/", {"otp": "123456"}).url == "/accounts/sign-in/"


def change_the_password(user: User, now) -> None:
    user.set_password("staple every llama")
    user.save()


def switch_off(user: User, now) -> None:
    User.objects.update(is_active=False)


def wait(user: User, now) -> None:
    now.now += services.PASSWORD_COUNTS_FOR


@pytest.mark.parametrize("end", [change_the_password, switch_off, wait], ids=lambda f: f.__name__)
def test_the_password_counts_for_some_minutes(end, phone_of, now, operator):
    phone, client = phone_of(operator), Client()
    client.post("/accounts/sign-in/", WHO)
    end(operator, now)
    answer = client.post("/accounts/sign-in/code/", {"otp": phone.code()})
    assert answer.url == "/accounts/sign-in/"
    assert not is_signed_in(client)


def test_the_api_takes_both_at_once(phone_of, operator):
    phone, client = phone_of(operator), Client()
    needed = login(client)
    assert (needed.status_code, needed.json()["code"]) == (401, "otp_required")
    assert "otp" in needed.json()["fields"]
    wrong = login(client, otp=phone.wrong())
    assert (wrong.status_code, wrong.json()["code"]) == (400, "otp_wrong")
    assert not is_signed_in(client)
    assert login(client, otp=phone.code()).status_code == 200
    assert is_signed_in(client)
    line = AuditEntry.objects.filter(action="account.sign_in", result="done").get()
    assert line.details["second_factor"] == "app"


def test_a_wrong_password_says_nothing_of_the_second_factor(phone_of, operator):
    phone = phone_of(operator)
    answer = login(Client(), password="wrong", otp=phone.code())
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


def test_a_code_is_taken_once(phone_of, operator):
    phone = phone_of(operator)
    code = phone.code()
    assert login(Client(), otp=code).status_code == 200
    assert login(Client(), otp=code).json()["code"] == "otp_wrong"


def test_an_earlier_code_is_not_taken_after_a_later_one(phone_of, now, operator):
    phone = phone_of(operator)
    earlier, later = phone.code(), phone.code()
    assert login(Client(), otp=later).status_code == 200
    assert login(Client(), otp=earlier).json()["code"] == "otp_wrong"


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(off, taken, phone_of, now, operator):
    phone = phone_of(operator)
    code = phone.app.at(now.now + off)
    assert (login(Client(), otp=code).status_code == 200) is taken


@pytest.mark.parametrize("code", ["", "1", "12345", "1234567", "١٢٣٤٥٦", "a" * 50, "\0", "------"])
def test_what_is_no_code_is_wrong(code, phone_of, operator):
    phone_of(operator)
    answer = login(Client(), otp=code)
    assert answer.json()["code"] == ("otp_wrong" if code else "otp_required")


def test_each_recovery_code_lets_in_once(phone_of, operator):
    phone_of(operator)
    codes = services.make_recovery_codes(operator)
    assert len(set(codes)) == 10
    assert login(Client(), otp=codes[3]).status_code == 200
    assert login(Client(), otp=codes[3]).json()["code"] == "otp_wrong"
    assert login(Client(), otp=codes[4].upper().replace("-", " ")).status_code == 200
    assert services.codes_left(operator) == 8
    assert codes[0] not in repr(list(operator.recovery_codes.values()))


def test_recovery_codes_of_somebody_else_are_wrong(phone_of, operator, viewer):
    phone_of(operator)
    (code, *_) = services.make_recovery_codes(viewer)
    assert login(Client(), otp=code).json()["code"] == "otp_wrong"


def test_after_ten_wrong_codes_only_recovery_codes_are_taken(phone_of, clock, operator):
    phone = phone_of(operator)
    (recovery, *_) = services.make_recovery_codes(operator)
    for number in range(10):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        assert login(client, otp=phone.wrong()).json()["code"] == "otp_wrong"
        clock.now += 61
    right = login(Client(), otp=phone.code())
    assert (right.status_code, right.json()["code"]) == (429, "rate_limited")
    assert login(Client(), otp=recovery).status_code == 200
    clock.now += 3600
    assert login(Client(), otp=phone.code()).status_code == 200


def test_wrong_recovery_codes_are_limited_as_passwords_are(phone_of, clock, operator):
    phone_of(operator)
    most = int(limits.FAILURES_PER_NAME_AND_ADDRESS.partition("/")[0])
    statuses = [login(Client(), otp=f"{number:020}").status_code for number in range(most + 1)]
    assert statuses == [400] * most + [429]


def test_the_secret_is_encrypted_where_it_lies(phone_of, operator):
    phone = phone_of(operator)
    assert phone.app.secret not in repr(SecondFactor.objects.values().get())


def test_with_another_key_recovery_codes_are_still_taken(phone_of, operator, settings):
    phone = phone_of(operator)
    (recovery, *_) = services.make_recovery_codes(operator)
    settings.ENCRYPTION_KEY = "another key, and long enough for that"
    assert login(Client(), otp=phone.code()).status_code == 409
    assert login(Client(), otp=recovery).status_code == 200


def test_a_token_is_asked_for_no_code(phone_of, operator, django_user_model):
    from datetime import timedelta

    from django.utils import timezone

    from accounts.rights import Role
    from accounts.tokens.services import make_token

    phone_of(operator)
    made = make_token(operator, "script", Role.VIEWER, timezone.now() + timedelta(days=1))
    assert Script(made.secret).get("/api/second-factor").json()["on"] is True
    assert Script(made.secret).post("/api/second-factor/off").status_code == 403


def test_the_command_takes_it_away_and_ends_the_sessions(phone_of, operator, capsys):
    phone, client = phone_of(operator), Client()
    assert login(client, otp=phone.code()).status_code == 200
    call_command("reset_second_factor", "otto")
    assert "without a code" in capsys.readouterr().out
    assert not is_signed_in(client)
    assert login(Client()).status_code == 200
    for name, said in (("otto", "no second factor"), ("nobody", "no user named")):
        with pytest.raises(CommandError, match=said):
            call_command("reset_second_factor", name)
