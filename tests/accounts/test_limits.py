from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import limits
from accounts.models import AuditEntry
from accounts.problems import TooManyRequests, WrongCredentials
from accounts.services import sign_in
from containermonkey.threads import side_by_side
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def guess(request_of):
    def guess(name: str, address: str, password: str = "wrong") -> None:
        sign_in(request_of(address), name, password)

    return guess


def fail(guess, times: int, name: str = "ada", address: str = "192.0.2.1") -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            guess(name, address)


def test_ten_wrong_passwords_in_a_minute_are_enough(guess, admin):
    fail(guess, 10)
    with pytest.raises(TooManyRequests) as caught:
        guess("ada", "192.0.2.1", PASSWORD)
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 60


def test_the_next_minute_starts_anew(guess, admin, clock):
    fail(guess, 10)
    clock.now += 61
    guess("ada", "192.0.2.1", PASSWORD)


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(guess, admin):
    fail(guess, 10, address="198.51.100.7")
    guess("ada", "192.0.2.1", PASSWORD)


def test_many_strangers_are_stopped_together(guess, admin):
    for number in range(6):
        fail(guess, 10, address=f"198.51.100.{number}")
    with pytest.raises(TooManyRequests):
        guess("ada", "198.51.100.9")


def try_to_sign_in(address: str, password: str = "wrong", name: str = "ada") -> int:
    body = {"username": name, "password": password}
    client = Client(REMOTE_ADDR=address)
    return client.post("/api/login", body, content_type="application/json").status_code


@pytest.mark.parametrize(
    ("before", "now"), [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2::1", "2001:db8:1:2::ffff")]
)
def test_many_strangers_do_not_lock_the_owner_out_where_the_owner_was_before(admin, before, now):
    assert try_to_sign_in(before, PASSWORD) == 200
    for number in range(6):
        assert {try_to_sign_in(f"198.51.100.{number}") for _ in range(10)} == {401}
    assert try_to_sign_in("198.51.100.9", PASSWORD) == 429
    assert try_to_sign_in(now, PASSWORD) == 200


def test_where_the_owner_was_before_guesses_are_limited_all_the_same(admin):
    assert try_to_sign_in("192.0.2.1", PASSWORD) == 200
    assert {try_to_sign_in("192.0.2.1") for _ in range(10)} == {401}
    assert try_to_sign_in("192.0.2.1", PASSWORD) == 429


def test_an_address_is_known_for_one_name_and_not_for_ever(admin, operator):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    assert try_to_sign_in("192.0.2.1", PASSWORD) == 200
    assert limits.is_known(request, "ada")
    assert not limits.is_known(request, "otto")
    assert not limits.is_known(RequestFactory().get("/", REMOTE_ADDR="192.0.2.2"), "ada")
    QuerySet(AuditEntry).update(time=timezone.now() - limits.KNOWN_FOR - timedelta(days=1))
    assert not limits.is_known(request, "ada")


def test_a_wrong_password_makes_no_address_known(admin):
    assert try_to_sign_in("192.0.2.1") == 401
    assert not limits.is_known(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1"), "ada")


def test_who_was_there_before_does_not_wait_for_those_who_guess(admin):
    assert try_to_sign_in("192.0.2.1", PASSWORD) == 200
    with limits.one_guess:
        assert try_to_sign_in("192.0.2.1", PASSWORD) == 200


def test_one_address_may_not_try_many_names(guess):
    for number in range(20):
        fail(guess, 1, name=f"name{number}")
    with pytest.raises(TooManyRequests):
        guess("another", "192.0.2.1")


def test_the_hosts_of_one_ipv6_network_count_as_one(guess):
    for number in range(20):
        fail(guess, 1, name=f"name{number}", address=f"2001:db8::{number + 1:x}")
    with pytest.raises(TooManyRequests):
        guess("another", "2001:db8::ffff")


def test_upper_case_is_no_way_around(guess):
    fail(guess, 5, name="ada")
    fail(guess, 5, name="ADA")
    with pytest.raises(TooManyRequests):
        guess("aDa", "192.0.2.1")


def test_right_passwords_are_not_counted(guess, admin):
    for _ in range(30):
        guess("ada", "192.0.2.1", PASSWORD)


def test_guesses_at_once_are_not_let_in_by_the_count_of_before():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")

    def guess(_: int) -> str:
        try:
            with limits.guess(request, "ada") as count_failure:
                count_failure()
        except TooManyRequests:
            return "refused"
        return "wrong"

    assert side_by_side(guess, range(40)).count("wrong") == 10


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_names_the_address(given, counted):
    assert limits.address_of(RequestFactory().get("/", REMOTE_ADDR=given)) == counted


def test_calls_of_the_api_are_limited_per_user(admin_client, operator_client, monkeypatch):
    monkeypatch.setattr(limits, "CALLS", "3/m")
    answers = [admin_client.get("/api/auth-status") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1]["Retry-After"]) >= 1
    assert operator_client.get("/api/auth-status").status_code == 200


def test_calls_without_a_session_are_limited_per_address(monkeypatch):
    monkeypatch.setattr(limits, "CALLS", "3/m")
    client = Client(REMOTE_ADDR="192.0.2.1")
    answers = [client.get("/api/containers").status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert Client(REMOTE_ADDR="192.0.2.2").get("/api/containers").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/backup-progress/1",
        "/api/backup-progress/1/cancel",
        "/api/container/web/stats",
        "/api/statistics",
        "/api/system-stats",
    ],
)
def test_what_is_polled_is_not_counted(path, admin, monkeypatch):
    monkeypatch.setattr(limits, "CALLS", "0/m")
    request = RequestFactory().get(path)
    request.user = admin
    limits.count_call(request)


def test_nothing_else_is_left_out(admin, monkeypatch):
    monkeypatch.setattr(limits, "CALLS", "0/m")
    request = RequestFactory().get("/api/container/web/stats/../delete")
    request.user = admin
    with pytest.raises(TooManyRequests):
        limits.count_call(request)
