"""The files of keys, and the change of one."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from containermonkey import keys, rotation
from containermonkey.encryption import KEY_FILE, ROOMS, SecretUnreadable, decrypted, encrypted
from containermonkey.env import WrongSetting
from images.models import Registry
from jobs.lock import only_worker
from stacks.models import Deployment
from tests.test_docs import OWN_APPS, ROOT

OWN = OWN_APPS - {"containermonkey", "tests", "bench"}
OLD = "an-old-key-that-is-long-enough-for-anybody-to-believe-in"


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_key_is_made_once_for_nobody_else(tmp_path):
    path = tmp_path / "a.key"
    key = keys.key_in(path)
    assert len(key) >= keys.SHORTEST and mode_of(path) == 0o600
    assert keys.key_in(path) == key


def test_the_file_of_the_former_name_is_taken_over(tmp_path):
    old, new = tmp_path / "registries.key", tmp_path / KEY_FILE
    old.write_text(OLD)
    assert keys.key_in(new, formerly=old) == OLD
    assert not old.exists()
    old.write_text("x" * 60)  # where both are there, the new name counts
    assert keys.key_in(new, formerly=old) == OLD


@pytest.mark.parametrize("text", ["", "short", f"{OLD} short"])
def test_a_file_without_a_key_is_refused(tmp_path, text):
    (tmp_path / "a.key").write_text(text)
    with pytest.raises(WrongSetting, match="does not hold a key"):
        keys.key_in(tmp_path / "a.key")


@pytest.fixture
def kept(db: None, data_dir: Path, settings: Any) -> Path:
    """Two kinds of secrets that were written with the key in the file."""
    path = data_dir / KEY_FILE
    settings.ENCRYPTION_KEY = keys.key_in(path)
    Registry.objects.create(address="hub.example", username="ada", secret=encrypted("s3cret"))
    deployment = Deployment(stack="shop", version=1, compose="")
    deployment.variables = {"A": "one", "B": "two"}
    deployment.save()
    return path


def assert_readable() -> None:
    assert decrypted(Registry.objects.get().secret) == "s3cret"
    assert Deployment.objects.get().variables == {"A": "one", "B": "two"}


def test_everything_gets_another_key_and_the_old_one_is_worth_nothing(kept, settings, capsys):
    before = settings.ENCRYPTION_KEY
    written = Registry.objects.get().secret
    call_command("rotate_key")
    assert capsys.readouterr().out.startswith("3 secrets have a new key.")
    assert kept.read_text().strip() == settings.ENCRYPTION_KEY != before
    assert (mode_of(kept), os.listdir(kept.parent).count(f"{KEY_FILE}.partial")) == (0o600, 0)
    assert_readable()
    with pytest.raises(SecretUnreadable):
        decrypted(written)
    settings.ENCRYPTION_KEY = before
    with pytest.raises(SecretUnreadable):
        decrypted(Registry.objects.get().secret)


def test_a_change_that_is_cut_off_leaves_everything_readable(kept, settings, monkeypatch):
    def failing(again: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "ROOMS", [*rotation.ROOMS, failing])
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate_key()
    settings.ENCRYPTION_KEY = keys.key_in(kept)  # as the next start finds it
    assert len(settings.ENCRYPTION_KEY.split()) == 2
    assert_readable()
    monkeypatch.undo()
    settings.DATA_DIR = kept.parent
    assert rotation.rotate_key() == 3
    assert len(kept.read_text().split()) == 1
    assert_readable()


def test_what_cannot_be_read_stops_the_change(kept):
    Registry.objects.create(address="b.example", username="b", secret="of another key")
    with pytest.raises(CommandError, match="can no longer be read"):
        call_command("rotate_key")
    Registry.objects.get(address="b.example").delete()
    assert_readable()


def test_no_key_is_changed_under_a_program_that_runs(kept):
    before = kept.read_text()
    with only_worker(), pytest.raises(CommandError, match="already running"):
        call_command("rotate_key")
    assert kept.read_text() == before


def test_whoever_keeps_secrets_has_them_written_anew():
    keeping = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.glob("*/**/*.py")
        if re.search(r"\bencrypted\(", path.read_text()) and path.parts[len(ROOT.parts)] in OWN
    }
    assert keeping == {room.__module__.partition(".")[0] for room in ROOMS}
