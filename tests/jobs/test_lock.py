"""jobs.lock: one worker for one data directory"""

import threading

import pytest

from containermonkey.problems import Conflict
from jobs import lock
from jobs.services import worker_is_alive

pytestmark = pytest.mark.usefixtures("data_dir")


def test_there_is_one_worker_at_most(monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    assert not worker_is_alive()
    with lock.only_worker():
        assert worker_is_alive()
        with (
            pytest.raises(Conflict, match="Another worker is already running"),
            lock.only_worker(),
        ):
            pytest.fail("a second worker began")
        assert worker_is_alive()
    assert not worker_is_alive()


def test_looking_for_the_worker_never_keeps_one_from_beginning():
    over = threading.Event()
    lock.lock_path().touch()

    def look() -> None:
        while not over.is_set():
            lock.worker_holds_lock()

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(50):
            with lock.only_worker():
                pass
    finally:
        over.set()
        for looker in lookers:
            looker.join()


def test_each_data_directory_has_a_worker_of_its_own(tmp_path, settings):
    with lock.only_worker():
        settings.DATA_DIR = tmp_path / "other"
        settings.DATA_DIR.mkdir()
        assert not worker_is_alive()
        with lock.only_worker():
            assert worker_is_alive()
