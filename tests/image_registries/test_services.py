"""Registries that are kept, and what is given to whom."""

import logging
import stat
from pathlib import Path

import pytest

from accounts.models import AuditEntry
from containermonkey.problems import Conflict, EngineUnreachable, Invalid, NotFound
from engine.registries import RegistryAway, SignInRefused
from images.models import Registry
from images.registries.passwords import PasswordUnreadable
from images.registries.services import (
    SignIn,
    add_registry,
    address_of,
    change_registry,
    check_registry,
    credentials_for,
    delete_registry,
)
from jobs.models import Status
from tests import images
from tests.image_pulling.conftest import pulled
from tests.image_registries.conftest import PASSWORD
from tests.registry import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sign_in_is_tried_and_kept(guarded, otto):
    registry = add_registry(otto)
    assert registry.verified_at is not None
    assert credentials_for(f"{ADDRESS}/app:1") == {
        "username": "otto",
        "password": PASSWORD,
        "serveraddress": ADDRESS,
    }
    assert credentials_for("nginx") is None
    assert credentials_for("no name at all") is None


def test_the_password_lies_encrypted(guarded, otto):
    registry = Registry.objects.get(pk=add_registry(otto).pk)
    assert PASSWORD not in str(vars(registry))
    assert PASSWORD not in repr(otto)


def test_the_key_is_a_file_of_its_own_that_nobody_else_reads(site):
    path = site.data_dir / "encryption.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text()) > 50
    assert path.read_text() != Path(site.data_dir / "secret.key").read_text()


def test_a_wrong_password_is_refused_and_nothing_is_kept(guarded):
    with pytest.raises(SignInRefused):
        add_registry(SignIn(ADDRESS, "otto", "wrong-password"))
    with pytest.raises(SignInRefused):
        add_registry(SignIn(ADDRESS, "otto", "wrong-password"), unverified=True)
    assert not Registry.objects.exists()


def test_one_that_is_away_is_kept_only_if_somebody_says_so(registry, otto):
    registry.stop()
    with pytest.raises(RegistryAway):
        add_registry(otto)
    assert not Registry.objects.exists()
    assert add_registry(otto, unverified=True).verified_at is None
    assert credentials_for(f"{ADDRESS}/app")["password"] == PASSWORD


def test_an_engine_that_is_away_is_no_registry_that_is(engine, otto):
    engine.kill()
    with pytest.raises(EngineUnreachable):
        add_registry(otto, unverified=True)
    assert not Registry.objects.exists()


def test_the_password_goes_nowhere(guarded, otto, caplog):
    with caplog.at_level(logging.DEBUG):
        registry = add_registry(otto)
        change_registry(registry.pk, SignIn(ADDRESS, "otto", ""))
        check_registry(registry.pk)
        with pytest.raises(SignInRefused) as caught:
            add_registry(SignIn("localhost:5000", "otto", "wrong-password"))
        delete_registry(registry.pk)
    trail = str(list(AuditEntry.objects.values()))
    for secret in (PASSWORD, "wrong-password"):
        assert secret not in trail
        assert secret not in caplog.text
        assert secret not in str(caught.value)
    assert set(AuditEntry.objects.values_list("action", "target", "result")) == {
        ("registry.add", ADDRESS, "done"),
        ("registry.change", ADDRESS, "done"),
        ("registry.check", ADDRESS, "done"),
        ("registry.add", "localhost:5000", "failed"),
        ("registry.delete", ADDRESS, "done"),
    }


def test_the_engine_is_given_it_for_nothing_else(docker, guarded, otto):
    images.build(docker, "local:1")
    reference = guarded.put(docker, "local:1", "app", "1")
    registry = add_registry(otto)
    pulled(reference)
    delete_registry(registry.pk)
    assert "let us not have it" in pulled(reference, status=Status.FAILED).error


# Changing


def test_an_empty_password_stays_as_it_was(guarded, otto):
    registry = add_registry(otto)
    change_registry(registry.pk, SignIn(f"https://{ADDRESS}/", "otto", ""))
    assert credentials_for(f"{ADDRESS}/app")["password"] == PASSWORD


@pytest.mark.parametrize(("address", "username"), [("evil.lan:5000", "otto"), (ADDRESS, "eve")])
def test_a_password_that_is_kept_is_sent_nowhere_else(guarded, otto, address, username):
    registry = add_registry(otto)
    with pytest.raises(Invalid) as caught:
        change_registry(registry.pk, SignIn(address, username, ""), unverified=True)
    assert "password" in caught.value.fields
    assert Registry.objects.get().address == ADDRESS


def test_what_is_refused_changes_nothing(guarded, otto):
    registry = add_registry(otto)
    with pytest.raises(SignInRefused):
        change_registry(registry.pk, SignIn(ADDRESS, "otto", "wrong-password"))
    assert credentials_for(f"{ADDRESS}/app")["password"] == PASSWORD


@pytest.fixture
def forgotten_meanwhile(monkeypatch):
    """Has every registry be forgotten while one is asked whether it takes a sign-in."""

    def verify(asked: SignIn) -> None:
        Registry.objects.all().delete()

    return lambda: monkeypatch.setattr("images.registries.services.verify", verify)


def test_one_that_is_forgotten_meanwhile_does_not_come_back(guarded, otto, forgotten_meanwhile):
    registry = add_registry(otto)
    forgotten_meanwhile()
    with pytest.raises(NotFound):
        change_registry(registry.pk, SignIn(ADDRESS, "otto", "new"))
    assert not Registry.objects.exists()


def test_one_that_is_forgotten_while_it_is_checked_is_no_defect(guarded, otto, forgotten_meanwhile):
    registry = add_registry(otto)
    forgotten_meanwhile()
    check_registry(registry.pk)
    assert not Registry.objects.exists()


def test_a_check_that_is_refused_says_so_from_then_on(guarded, otto):
    registry = add_registry(otto)
    guarded.require("otto", "another")
    with pytest.raises(SignInRefused):
        check_registry(registry.pk)
    assert Registry.objects.get().verified_at is None


def test_an_address_is_kept_once(guarded, otto):
    add_registry(otto)
    with pytest.raises(Conflict) as caught:
        add_registry(SignIn(f"http://{ADDRESS}/v2/", "otto", PASSWORD))
    assert "address" in caught.value.fields
    assert Registry.objects.count() == 1


def test_one_that_is_gone_is_not_found():
    for act in (delete_registry, check_registry):
        with pytest.raises(NotFound):
            act(2**70)
    with pytest.raises(NotFound):
        change_registry(1, SignIn(ADDRESS, "otto", "x"))


# The key


def test_with_another_key_it_says_that_the_password_is_lost(guarded, otto, settings):
    registry = add_registry(otto)
    settings.ENCRYPTION_KEY = "another" * 10
    for act in (
        lambda: credentials_for(f"{ADDRESS}/app"),
        lambda: check_registry(registry.pk),
        lambda: change_registry(registry.pk, SignIn(ADDRESS, "otto", "")),
    ):
        with pytest.raises(PasswordUnreadable, match="can no longer be read"):
            act()
    change_registry(registry.pk, otto)
    assert credentials_for(f"{ADDRESS}/app")["password"] == PASSWORD


# Addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ghcr.io", "ghcr.io"),
        (" https://GHCR.io/ ", "ghcr.io"),
        ("registry.lan:5000", "registry.lan:5000"),
        ("localhost", "localhost"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
        ("registry-1.docker.io/v2/", "docker.io"),
        ("registry", ""),
        ("ghcr.io/who", ""),
        ("user:secret@ghcr.io", ""),
        ("ghcr.io:port", ""),
        ("ghcr .io", ""),
        ("ftp://ghcr.io", ""),
        ("../auth", ""),
        ("a." * 200 + "io", ""),
        ("", ""),
    ],
)
def test_an_address_is_a_host_as_in_the_names_of_images(text, address):
    assert address_of(text) == address


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (SignIn("who/what", "otto", "x"), "address"),
        (SignIn(ADDRESS, "", "x"), "username"),
        (SignIn(ADDRESS, "a:b", "x"), "username"),
        (SignIn(ADDRESS, "a\0b", "x"), "username"),
        (SignIn(ADDRESS, "otto", ""), "password"),
        (SignIn(ADDRESS, "otto", "x\0"), "password"),
        (SignIn(ADDRESS, "otto", "x" * 9000), "password"),
    ],
)
def test_bad_input_names_its_field(asked, field):
    with pytest.raises(Invalid) as caught:
        add_registry(asked)
    assert list(caught.value.fields) == [field]
    assert not Registry.objects.exists()
