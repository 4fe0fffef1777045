import pytest

from containermonkey import looks
from jobs.models import Kind, Status


@pytest.mark.parametrize(
    ("status", "health", "text", "word", "tone"),
    [
        ("running", None, "Up 3 hours", "Running", "ok"),
        ("running", "healthy", "Up 3 hours (healthy)", "Healthy", "ok"),
        ("running", "unhealthy", "Up 3 hours (unhealthy)", "Unhealthy", "warn"),
        ("running", "none", "Up 3 hours", "Running", "ok"),
        ("exited", "unhealthy", "Exited (0) 2 days ago", "Exited", "idle"),
        ("exited", None, "Exited (1) 2 days ago", "Exited (1)", "bad"),
        ("exited", None, "Exited (137) 2 days ago", "Exited (137)", "idle"),
        ("paused", None, "Up 3 hours (Paused)", "Paused", "idle"),
        ("hibernating", None, "", "Hibernating", "idle"),
        ("", None, "", "Unknown", "idle"),
    ],
)
def test_the_look_of_a_container(status, health, text, word, tone):
    look = looks.of_container(status, health, text)
    assert (look.word, look.tone) == (word, tone)


@pytest.mark.parametrize("status", Status.values)
def test_every_status_of_a_job_has_its_look(status):
    assert status in looks.JOB


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_of_job_has_its_look(kind):
    assert kind in looks.KIND


@pytest.mark.parametrize("table", [looks.HEALTH, looks.CONTAINER, looks.JOB])
def test_no_two_tones_share_an_icon(table):
    """Colour never stands alone: whoever does not see it has the icon and the word."""
    tones: dict[str, set[str]] = {}
    for look in table.values():
        tones.setdefault(look.icon, set()).add(look.tone)
    assert all(len(shared) == 1 for shared in tones.values())
    assert len({look.word for look in table.values()}) == len(table)
