"""A wrong setting stops the start with a sentence that names the variable."""

import os
import socket
import subprocess
import sys

import pytest

from containermonkey import env
from containermonkey.env import WrongSetting
from tests.site import ROOT, free_port

STORES = ("redis", "unix")


@pytest.fixture
def start(tmp_path):
    """Runs a command of the program with these variables; gives its status and its words."""

    def run(command: str, **variables: str) -> tuple[int, str]:
        environment = {**os.environ, "CONTAINERMONKEY_DATA": str(tmp_path / "data"), **variables}
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        return done.returncode, done.stderr.strip()

    return run


def test_whoever_starts_the_program_reads_one_sentence(start):
    assert start("check", PORT="abc") == (1, "PORT must be a whole number, not 'abc'.")


def test_a_data_directory_that_cannot_be_one_is_said_so(start):
    status, words = start("check", CONTAINERMONKEY_DATA="/proc/nothing")
    assert (status, words.count("\n")) == (1, 0)
    assert words.startswith("CONTAINERMONKEY_DATA: /proc/nothing cannot be used:")


def test_a_database_that_nothing_was_ever_in_is_said_so(start, tmp_path):
    status, words = start("list_users", DATABASE_URL="")
    assert (status, words.count("\n")) == (1, 0)
    assert words.startswith(
        f"CONTAINERMONKEY_DATA: {tmp_path / 'data'}: the database there is empty"
    )


def test_a_key_that_is_none_is_said_so(start, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_bytes(b"\xff")
    status, words = start("check")
    assert (status, words.count("\n")) == (1, 0)
    assert words.startswith("CONTAINERMONKEY_DATA:")


def test_a_database_that_does_not_open_names_its_variable(start):
    status, words = start(
        "serve", DATABASE_URL="sqlite:////nonexistent/database", PORT=str(free_port())
    )
    assert status == 1
    assert "DATABASE_URL: the database cannot be used: unable to open" in words
    assert "Traceback" not in words


def test_a_port_that_is_taken_names_its_variable(start):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        status, words = start("serve", PORT=str(port))
    assert status == 1
    assert words.endswith(f"PORT: {port} cannot be used: Address already in use")


@pytest.mark.parametrize("value", ["nonsense", "redis://", "http://store", "://", "redis:/x"])
def test_an_address_of_another_kind_is_refused(monkeypatch, value):
    monkeypatch.setenv("STORE_URL", value)
    with pytest.raises(WrongSetting, match="STORE_URL must begin with redis:// or unix://"):
        env.url("STORE_URL", schemes=STORES)


def test_a_refusal_does_not_repeat_a_password(monkeypatch):
    monkeypatch.setenv("STORE_URL", "rdis://me:secret@store")
    with pytest.raises(WrongSetting) as refusal:
        env.url("STORE_URL", schemes=STORES)
    assert "secret" not in str(refusal.value)


def test_an_address_may_be_left_out(monkeypatch):
    monkeypatch.delenv("STORE_URL", raising=False)
    assert env.url("STORE_URL", schemes=STORES) == ""
    assert env.url("STORE_URL", "unix:///x", schemes=STORES) == "unix:///x"


@pytest.mark.parametrize("value", ["http://nas", "nas:6660", "nas/", "<b>", "a, b:1"])
def test_a_host_is_a_name_alone(monkeypatch, value):
    monkeypatch.setenv("HOSTS", value)
    with pytest.raises(WrongSetting, match="HOSTS must be names of hosts without port"):
        env.hosts("HOSTS", "*")


def test_hosts_are_what_django_takes(monkeypatch):
    monkeypatch.setenv("HOSTS", "nas, .example.org [::1] 10.0.0.1 *")
    assert env.hosts("HOSTS", "*") == ["nas", ".example.org", "[::1]", "10.0.0.1", "*"]


@pytest.mark.parametrize("value", ["two words", "Shop", "a:", ":1", "a//", "https://a/b", "a@b"])
def test_an_image_that_has_no_name_of_one_is_refused(monkeypatch, value):
    monkeypatch.setenv("HELPER", value)
    with pytest.raises(WrongSetting, match="HELPER must be the name of an image, not '"):
        env.image("HELPER")


@pytest.mark.parametrize(
    "value",
    [
        *("", "busybox", "busybox:1.36-musl", "who/what_is:V1", "NAS:5000/a/b", "nas:5000/a:b"),
        *(f"debian@sha256:{'a' * 64}", f"sha256:{'0' * 64}", "2fbf59f7325e"),
    ],
)
def test_an_image_is_called_by_name_or_id(monkeypatch, value):
    monkeypatch.setenv("HELPER", value)
    assert env.image("HELPER") == value


def test_proxies_are_addresses_or_networks(monkeypatch):
    monkeypatch.setenv("PROXIES", "10.0.0.0/8, ::1 *")
    assert env.addresses("PROXIES") == ["10.0.0.0/8", "::1", "*"]
    monkeypatch.setenv("PROXIES", "my-proxy")
    with pytest.raises(WrongSetting, match="PROXIES must be IP addresses, not 'my-proxy'"):
        env.addresses("PROXIES")


@pytest.mark.parametrize(
    ("value", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("", "UTC"), (":/etc/localtime", "UTC")],
)
def test_the_time_zone_is_a_name_and_a_file_is_left_to_the_system(monkeypatch, value, zone):
    monkeypatch.setenv("TZ", value)
    assert env.time_zone("TZ", "UTC") == zone


def test_a_time_zone_that_there_is_not_is_said_so(start):
    words = "TZ must name a time zone such as Europe/Berlin, not 'Berlin'."
    assert start("check", TZ="Berlin") == (1, words)


def test_a_secret_that_is_easily_guessed_is_refused(monkeypatch):
    for value in ("short", "a secret with a \n in it", "geheim, aber nicht schlicht: ü"):
        monkeypatch.setenv("TOKEN", value)
        with pytest.raises(WrongSetting, match="TOKEN must be at least 16 plain characters"):
            env.secret("TOKEN", least=16)
    monkeypatch.setenv("TOKEN", "a" * 16)
    assert env.secret("TOKEN", least=16) == "a" * 16
    monkeypatch.delenv("TOKEN")
    assert env.secret("TOKEN", least=16) == ""
