"""stats.keeping: a restart does not forget the last day"""

import multiprocessing
import time

import pytest

from stats import collector as collector_module
from stats import keeping
from stats.collector import Collector
from stats.rings import FIELDS, POINTS, DayHistory
from tests.backups.person import Person
from tests.waiting import wait_for

URL = "unix:///run/docker.sock"
NOW = 1_800_000_000.0
DAY = 86_400


@pytest.fixture(autouse=True)
def place(data_dir):
    return data_dir / keeping.NAME


def history(**read_at: float) -> DayHistory:
    """Of containers that were read at a moment."""
    made = DayHistory()
    for container_id, moment in read_at.items():
        made.add(moment, {container_id: [1.0, 2.0, 3.0, 4.0, None, 6.0]})
    return made


def remembered(now: float = NOW) -> DayHistory:
    found = DayHistory()
    keeping.remember(found, URL, now)
    return found


def lines(found: DayHistory, span: str = "24h", now: float = NOW) -> str:
    return str(found.lines("web", span, now))  # NaN is not NaN, and is written as such


def test_what_was_kept_is_what_it_was(place):
    kept = history(web=NOW - 3600)
    kept.add(NOW, {"web": [9.0] * 6})
    keeping.keep(kept, URL)
    found = remembered()
    for span in ("live", "1h", "24h"):
        assert lines(found, span) == lines(kept, span)
    for each in (found, kept):  # also the average that was being made
        each.add(NOW + 1, {"web": [100.0] * 6})
    assert lines(found, now=NOW + 1) == lines(kept, now=NOW + 1)
    assert "54.5" in lines(found, now=NOW + 1)
    assert place.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in place.parent.iterdir() if each.is_file()] == [keeping.NAME]


def test_what_is_a_day_old_or_of_tomorrow_is_left_out():
    keeping.keep(history(old=NOW - DAY, web=NOW - DAY + 60, later=NOW - 60), URL)
    assert len(remembered(NOW - 60)) == 3
    assert len(remembered(NOW)) == 2
    found = remembered(NOW - 61)  # the clock was set back
    assert found.lines("later", "24h", NOW) is None
    assert found.lines("web", "24h", NOW) is not None


def test_it_is_small_however_many_there_are(place, monkeypatch):
    kept = history(**{f"{number:064}": NOW for number in range(100)})
    keeping.keep(kept, URL)
    assert place.stat().st_size < 1 << 20
    assert len(remembered()) == 100
    assert keeping.LARGEST < 20 << 20
    monkeypatch.setattr(keeping, "LARGEST", place.stat().st_size - 1)
    assert len(remembered()) == 0


def test_another_engines_is_not_mixed_in(caplog):
    keeping.keep(history(web=NOW), "tcp://twin.example:2376")
    assert len(remembered()) == 0
    assert "is of the Engine at tcp://twin.example:2376" in caplog.text


@pytest.mark.parametrize("where", [0, 30, 60, -1])
def test_a_changed_byte_is_noticed(place, caplog, where):
    keeping.keep(history(web=NOW), URL)
    content = bytearray(place.read_bytes())
    content[where] ^= 1
    place.write_bytes(content)
    assert len(remembered()) == 0
    assert "begins anew" in caplog.text


@pytest.mark.parametrize("size", [0, 20, 33, 36, 500, -1])
def test_half_of_a_file_is_none(place, caplog, size):
    keeping.keep(history(web=NOW), URL)
    place.write_bytes(place.read_bytes()[:size])
    assert len(remembered()) == 0
    assert "begins anew" in caplog.text


def test_a_foreign_file_is_none(place, caplog):
    place.mkdir()
    assert len(remembered()) == 0
    keeping.keep(history(web=NOW), URL)
    assert "cannot be kept" in caplog.text
    assert not list(place.parent.glob("*.partial"))  # a full disk is not filled by half of it
    place.rmdir()
    place.write_bytes(b"CPU;Memory\n" * 1000)
    assert len(remembered()) == 0
    assert "is no history of statistics" in caplog.text


def test_another_version_begins_anew(place, caplog, monkeypatch):
    keeping.keep(history(web=NOW), URL)
    monkeypatch.setattr(keeping, "LAYOUT", keeping.LAYOUT | {"points": POINTS + 1})
    assert len(remembered()) == 0
    assert "of another version" in caplog.text


def test_nothing_kept_is_no_news(caplog):
    assert len(remembered()) == 0
    assert not caplog.text


def test_the_collector_goes_on_where_the_last_one_ended(engine, make_container, collector, place):
    web = make_container("web")
    collector.history.add(time.time() - 1800, {web: [50.0] * len(FIELDS)})
    collector.look()
    collector.stop()
    wait_for(place.exists, "the history to be written")
    after = Collector()
    after.look()
    assert 50.0 in after.history.lines(web, "1h", time.time())[0]
    after.stop()


def test_it_writes_while_somebody_looks(engine, make_container, collector, place, monkeypatch):
    monkeypatch.setattr(collector_module, "INTERVAL", 0.2)
    monkeypatch.setattr(collector_module, "KEPT_EVERY", 0.1)
    make_container("web")
    collector.look()
    wait_for(place.exists, "the history to be written")
    first = place.read_bytes()
    wait_for(lambda: place.read_bytes() != first, "the next one")
    assert collector.running


def test_a_disk_that_cannot_be_written_ends_nothing(
    engine, make_container, collector, monkeypatch, caplog, settings
):
    monkeypatch.setattr(collector_module, "INTERVAL", 0.2)
    monkeypatch.setattr(collector_module, "KEPT_EVERY", 0.1)
    settings.DATA_DIR = settings.DATA_DIR / "gone"
    make_container("web")
    first = collector.look().round.collected_at
    wait_for(lambda: "cannot be kept" in caplog.text, "the writing to fail")
    wait_for(lambda: collector.look().round.collected_at > first, "the next round")
    assert collector.look().problem is None


def test_where_nobody_looked_it_stays_as_it_is(place):
    keeping.keep(history(web=NOW), URL)
    before = place.read_bytes()
    Collector().keep()
    assert place.read_bytes() == before


def test_the_program_keeps_it_when_it_is_told_to_end(make_site, make_container):
    web = make_container("web")
    site = make_site()
    call = Person(site).connection()
    call.request("GET", "/api/statistics", headers=Person(site).headers)
    assert call.getresponse().status == 200
    call.close()
    file = site.data_dir / keeping.NAME
    assert not file.exists()  # somebody still looks
    assert site.stop() == 0
    assert "Traceback" not in site.log
    found, url = DayHistory(), site.environment["DOCKER_HOST"]
    read_at, rings = keeping.understood(file.read_bytes(), url)
    found.take(time.time(), read_at, rings)
    assert max(value for value in found.lines(web, "live", time.time())[1] if value == value) > 0


def test_several_processes_keep_what_each_has_seen():
    mine, other = history(web=NOW - 7200, mine=NOW - 7200), history(web=NOW - 3600)
    other.add(NOW - 3600, {"other": [7.0] * 6})
    keeping.keep(mine, URL)
    keeping.keep(other, URL)
    mine.add(NOW, {"web": [9.0] * 6})
    keeping.keep(mine, URL)
    found = remembered()
    assert len(found) == 3
    for moment, figure in ((NOW - 7200, 1.0), (NOW - 3600, 1.0), (NOW, 9.0)):
        assert figure_at(found, moment) == figure
    assert lines(mine) == lines(found)  # who has written last shows it at once
    keeping.keep(other, URL)
    assert lines(other) == lines(found)


def figure_at(found: DayHistory, moment: float) -> float:
    """The share of a processor that is known for the last day's slot of a moment."""
    step = DAY // POINTS
    line = found.lines("web", "24h", NOW)[0]
    return line[-1 - (int(NOW // step) - int(moment // step))]


def test_a_slot_that_several_have_looked_at_keeps_ones_own_figures():
    mine, other = history(web=NOW), history()
    other.add(NOW, {"web": [50.0, 2.0, 3.0, 4.0, 8.0, 6.0]})
    keeping.keep(other, URL)
    keeping.keep(mine, URL)
    assert figure_at(mine, NOW) == 1.0
    mine.add(NOW + 1, {"web": [3.0, 2.0, 3.0, 4.0, 10.0, 6.0]})
    assert figure_at(mine, NOW) == 2.0
    # The fourth was unknown here: it goes on from what the other one has read.
    assert mine.lines("web", "24h", NOW)[4][-1] == 9.0


def test_what_a_process_has_written_itself_is_not_read_again(place, monkeypatch):
    kept = history(web=NOW)
    keeping.keep(kept, URL)
    monkeypatch.setattr(keeping, "read", lambda url: pytest.fail("it was read"))
    keeping.keep(kept, URL)
    monkeypatch.undo()
    place.write_bytes(b"what is no history")
    keeping.keep(kept, URL)
    assert len(remembered()) == 1


def test_many_processes_that_write_at_once_lose_nothing(data_dir):
    def keep_own(number: int) -> None:
        own = history(**{f"own{number}": NOW - number})
        for moment in range(20):
            own.add(NOW + moment, {f"own{number}": [1.0] * 6})
            keeping.keep(own, URL)

    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=keep_own, args=(number,)) for number in range(4)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(300)  # each write waits for the disk, and for the others
        assert each.exitcode == 0
    found = remembered(NOW + 60)
    assert len(found) == 4
    assert not list(data_dir.glob("*.partial"))
