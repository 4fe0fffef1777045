"""What the Engine counts beside the pages; its answers here are none that a healthy one gives."""

import threading
from collections.abc import Iterator

import pytest

from containermonkey.problems import EngineRefused
from engine import Docker
from engine.counting import Counter

OTHER = "unix:///run/other.sock"


@pytest.fixture
def counted(engine) -> Iterator[Counter[str]]:
    """Counts the address of the Engine that was asked."""
    yield Counter("tests.address", "its address", lambda docker: docker.url)


def test_what_one_engine_counted_is_not_shown_for_another(counted, engine, settings):
    assert counted.begin().result() == engine.docker_host
    settings.DOCKER_HOST = OTHER
    assert counted.remembered() is None
    assert counted.standing().known is None
    settings.DOCKER_HOST = engine.docker_host
    assert counted.standing().known == engine.docker_host


def test_a_failure_is_that_of_one_engine(counted, engine, settings):
    settings.DOCKER_HOST = OTHER
    counted.begin().wait()
    assert "cannot be reached" in counted.standing().failure
    settings.DOCKER_HOST = engine.docker_host
    assert counted.standing().failure == ""


def test_a_count_that_goes_on_is_not_joined_for_another_engine(engine, settings):
    may_end = threading.Event()

    def slowly(docker: Docker) -> str:
        assert may_end.wait(30)
        return docker.url

    counter = Counter("tests.slowly", "its address", slowly)
    first = counter.begin()
    settings.DOCKER_HOST = OTHER
    assert not counter.standing().goes_on
    settings.DOCKER_HOST = engine.docker_host
    assert counter.standing().goes_on
    may_end.set()
    assert first.result() == engine.docker_host


@pytest.mark.parametrize("answer", [[], {"Volumes": [{}]}])
def test_an_answer_that_cannot_be_read_ends_the_count(engine, caplog, answer):
    counter = Counter("tests.unreadable", "the sizes", lambda docker: answer["Volumes"][0]["Name"])
    walk = counter.begin()
    with pytest.raises(EngineRefused, match="could not tell the sizes"):
        walk.result()
    assert counter.standing().failure == "The Docker Engine could not tell the sizes."
    assert not counter.standing().goes_on
    assert "Traceback" in caplog.text
