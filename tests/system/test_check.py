"""The check of the environment: page, JSON and command."""

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from containermonkey.encryption import KEY_FILE, encrypted
from engine import identity
from engine.client import current_url
from images.models import Registry
from jobs.lock import only_worker
from system.check import docker_host, exposure, ourselves, storage
from system.check.services import check_environment
from system.check.types import Check
from tests.backups.pages import text_of
from tests.private_engine import PrivateEngine

pytestmark = pytest.mark.django_db

API, PAGE = "/api/check-environment", "/system/check/"

Written = Callable[..., Path]


@pytest.fixture
def key_in(data_dir: Path) -> Written:
    """Writes the file of the key."""

    def write(
        key: str = django_settings.ENCRYPTION_KEY, mode: int = 0o600, name: str = KEY_FILE
    ) -> Path:
        path = data_dir / name
        path.write_text(f"{key}\n")
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def well(engine: PrivateEngine, key_in: Written, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation that nothing is wrong with, whatever disk the tests are on."""
    key_in()
    key_in(django_settings.SECRET_KEY, name="secret.key")
    monkeypatch.setattr(storage, "IN_MEMORY", set())
    monkeypatch.setattr(storage, "LEAST", 1)
    with only_worker():
        yield


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_all_is_well(well: None, operator_client: Client) -> None:
    answer = operator_client.get(API).json()
    wrong = [check for check in answer["checks"] if not check["ok"]]
    assert answer["ok"] and not wrong, wrong
    names = {check["name"] for check in answer["checks"]}
    assert names == {
        *(docker_host.ACCESS, docker_host.SOCKET, docker_host.VERSION, docker_host.CLOCK),
        *(docker_host.HELPER, docker_host.COMPOSE),
        *(storage.WRITABLE, storage.ROOM, storage.LASTING),
        *(ourselves.WORKER, ourselves.DATABASE, ourselves.SECRETS, ourselves.PASSWORD),
        *(exposure.KEY, exposure.FOLDER, exposure.NAMES, exposure.FIRST),
    }
    page = operator_client.get(PAGE)
    assert "Docker Engine" in text_of(page) and "API 1." in text_of(page)
    fragment = operator_client.get(PAGE, headers={"HX-Request": "true"})
    assert b'id="checks"' in fragment.content and b"<html" not in fragment.content


def test_the_command_says_the_same(well: None) -> None:
    out = StringIO()
    call_command("check_environment", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(check_environment().checks)
    assert any(line.startswith("ok      Docker socket: The Engine answers") for line in lines)


def test_an_engine_that_is_gone_is_said_with_what_to_do(
    well: None, engine: PrivateEngine, operator_client: Client
) -> None:
    engine.kill()
    answer = operator_client.get(API)
    assert answer.status_code == 200 and not answer.json()["ok"]
    assert "1 thing to mend Docker socket" in text_of(operator_client.get(PAGE))
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_environment", stdout=StringIO(), stderr=errors)
    assert ended.value.code == 1
    assert "WRONG   Docker socket: " in errors.getvalue()
    assert "systemctl" in errors.getvalue()
    assert f"Its address is {current_url()}." in errors.getvalue()


def test_an_engine_that_hangs_is_not_waited_for(
    well: None, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_host, "PATIENCE", 0.3)
    engine.pause()
    check = named(check_environment().checks, docker_host.SOCKET)
    assert not check.ok and "did not answer in time" in check.detail


def test_an_engine_that_hangs_after_its_first_answer_is_not_waited_for(
    well: None, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = docker_host.asked_for_version(5)
    check_environment()
    monkeypatch.setattr(docker_host, "asked_for_version", lambda _: version)
    monkeypatch.setattr(docker_host, "PATIENCE", 0.3)
    engine.pause()
    assert any("did not answer in time" in check.detail for check in check_environment().checks)


def test_a_socket_that_cannot_be_had_is_explained(settings: Any, tmp_path: Path) -> None:
    settings.DOCKER_HOST = f"unix://{tmp_path}/no.sock"
    assert f"There is no {tmp_path}/no.sock" in docker_host.way_to_the_socket()
    settings.DOCKER_HOST = f"unix://{tmp_path}"
    assert "is no socket" in docker_host.way_to_the_socket()
    settings.DOCKER_HOST = "tcp://far.example:2375"
    assert "far.example:2375" in docker_host.way_to_the_socket()
    assert docker_host.access().is_advice
    assert "tlsverify" in docker_host.access().fix


@pytest.mark.parametrize(("spoken", "ok"), [("1.40", False), ("1.41", True), ("1.100", True)])
def test_an_old_engine_is_refused(spoken: str, ok: bool) -> None:
    assert docker_host.of_version({"Version": "1", "ApiVersion": spoken}).ok is ok


def test_clocks_that_differ_are_said() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    there = {"SystemTime": "2026-03-01T12:00:10.123456789Z"}
    assert docker_host.clock(there, now).ok
    check = docker_host.clock(there, now - timedelta(minutes=3))
    assert not check.ok and "3 min 10 s apart" in check.detail


def test_a_helper_image_that_is_not_there(engine: PrivateEngine, busybox: str, settings: Any):
    from engine import engine as current

    with current() as docker:
        settings.HELPER_IMAGE = "no/such:1"
        assert "docker pull no/such:1" in docker_host.helper(docker).fix
        settings.HELPER_IMAGE = busybox
        assert docker_host.helper(docker).detail == f"{busybox} is on the host."


def test_without_a_worker(data_dir: Path) -> None:
    assert "run_jobs" in ourselves.worker().fix


def test_keys(key_in: Written) -> None:
    key = django_settings.ENCRYPTION_KEY
    path = key_in()
    assert exposure.key_file(path.name, key).ok
    assert "chmod 600" in exposure.key_file(key_in(mode=0o644).name, key).fix
    assert "another one" in exposure.key_file(key_in("x" * 60).name, key).detail
    os.chown(key_in(), 12345, 0)
    assert "belongs to another user" in exposure.key_file(path.name, key).detail
    path.unlink()
    assert "No such file" in exposure.key_file(path.name, key).detail


def test_what_could_be_safer_is_said_at_every_start_and_by_check_deploy(
    well: None, settings: Any, data_dir: Path
) -> None:
    data_dir.chmod(0o700)
    assert exposure.at_start() == []
    data_dir.chmod(0o755)
    settings.KNOWN_HOSTS = ["*"]
    settings.ALLOW_DEFAULT_PASSWORD = True
    settings.DOCKER_HOST = "tcp://far.example:2375"
    said = {check.name for check in exposure.at_start()}
    assert said == {exposure.FOLDER, exposure.NAMES, exposure.FIRST, docker_host.ACCESS}
    errors = StringIO()
    call_command("check", "--deploy", stderr=errors)
    for name in said:
        assert f"(containermonkey.W001) {name}: " in errors.getvalue()
    assert "security.W" not in errors.getvalue()


def test_secrets_that_cannot_be_read_any_more(settings: Any) -> None:
    Registry.objects.create(address="hub.example", username="ada", secret=encrypted("s3cret"))
    assert ourselves.secrets().ok
    settings.ENCRYPTION_KEY = "another" * 10
    check = ourselves.secrets()
    assert not check.ok and "the password for hub.example" in check.detail


def test_a_database_of_an_older_version_is_said_and_not_asked_anything(
    well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(*_: object) -> list[str]:
        return ["a migration"]

    monkeypatch.setattr(ourselves.MigrationExecutor, "migration_plan", plan)
    checks = check_environment().checks
    assert "1 migration is missing" in named(checks, ourselves.DATABASE).detail
    assert ourselves.PASSWORD not in {check.name for check in checks}


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(ourselves, "MigrationExecutor", fail)
    assert "It does not answer (OperationalError)" in ourselves.database().detail


def test_the_default_password_in_use() -> None:
    User.objects.create_user("new", password="of an administrator", must_change_password=True)
    assert ourselves.default_password().ok
    User.objects.create_user("monkeysee", password="monkeydo", must_change_password=True)
    assert "monkeysee still has" in ourselves.default_password().detail


OVERLAY = "1 0 0:1 / / rw shared:1 - overlay overlay rw,lowerdir=/x\n"
VOLUME = "2 1 8:1 /volumes/x/_data /backups rw - ext4 /dev/sda1 rw\n"


def test_backups_in_a_container_without_a_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [Path("/backups"), Path("/backups/backups")]
    assert storage.lasting(folders, OVERLAY).ok  # on a machine, a root like that stays
    monkeypatch.setattr(identity, "candidate_id", lambda: "a" * 64)
    check = storage.lasting(folders, OVERLAY)
    assert not check.ok and check.fix.endswith("-v container-monkey:/backups.")
    assert storage.lasting(folders, OVERLAY + VOLUME).ok


def test_backups_in_memory() -> None:
    memory = r"3 1 0:9 / /mnt/my\040disk rw - tmpfs tmpfs rw"
    check = storage.lasting([Path("/mnt/my disk/backups")], OVERLAY + memory)
    assert not check.ok and "in memory (tmpfs)" in check.detail


def test_a_disk_that_is_full_or_read_only(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LEAST", 1 << 60)
    assert not storage.room(data_dir).ok
    assert not storage.room(data_dir / "gone").ok
    gone = storage.writable([data_dir / "gone"])
    assert not gone.ok and gone.detail.endswith("/gone any more.") and "Mount its disk" in gone.fix
    assert storage.writable([data_dir]).ok
    assert os.listdir(data_dir) == ["backups"]
    assert stat.S_ISDIR(data_dir.stat().st_mode)
