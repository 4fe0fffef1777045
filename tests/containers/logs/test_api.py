"""GET /api/container/<id>/logs"""

import tracemalloc

import pytest
from asgiref.sync import async_to_sync

from containers.logs import reading
from containers.logs.reading import LogLost
from tests.backups.odd_names import ODD_NAMES, quoted


@pytest.fixture
def said(docker, make_container):
    """Makes a container that has said what a shell command says."""

    def make(command: str, name: str = "web", **options) -> str:
        made = make_container(name, command=["sh", "-c", command], **options)
        docker.wait(made)
        return made

    return make


def test_the_last_lines(client, said):
    made = said("seq 1 2000")
    answer = client.get(f"/api/container/{made[:12]}/logs").json()
    assert answer["lines"] == 1000
    assert answer["logs"].split() == [str(number) for number in range(1001, 2001)]
    answer = client.get("/api/container/web/logs?tail=2").json()
    assert answer == {"logs": "1999\n2000\n", "lines": 2, "left_out": 0, "lost": False}
    assert client.get("/api/container/web/logs?tail=0").json()["logs"] == ""


def test_both_streams_and_times(admin_client, said):
    said("echo out; echo err >&2")
    answer = admin_client.get("/api/container/web/logs?timestamps=true").json()
    assert sorted(line.split()[1] for line in answer["logs"].splitlines()) == ["err", "out"]
    assert answer["logs"][:2] == "20"
    assert "Z " in answer["logs"]


def test_a_terminal_has_one_stream(admin_client, said):
    said("echo out; echo err >&2", tty=True)
    answer = admin_client.get("/api/container/web/logs").json()
    assert answer["logs"].replace("\r", "") == "out\nerr\n"


def test_the_whole_log_is_searched(admin_client, said):
    said("seq 1 30000")
    answer = admin_client.get("/api/container/web/logs?search=777&tail=3").json()
    expected = [str(number) for number in range(1, 30_001) if "777" in str(number)]
    assert answer["logs"].split() == expected[-3:]
    assert (answer["lines"], answer["left_out"]) == (3, len(expected) - 3)


def test_case_does_not_matter_to_a_search(admin_client, said):
    said("echo ERROR: größe; echo fine")
    for words in ("error", "GRÖSSE".replace("SS", "ß"), "error: g"):
        answer = admin_client.get("/api/container/web/logs", {"search": words}).json()
        assert answer["logs"] == "ERROR: größe\n", words
    assert admin_client.get("/api/container/web/logs?search=.*").json()["lines"] == 0


def test_since_and_until(admin_client, docker, said):
    said("echo early; sleep 1.2; echo late")
    lines = admin_client.get("/api/container/web/logs?timestamps=1").json()["logs"].splitlines()
    late = lines[1].split()[0]
    assert admin_client.get("/api/container/web/logs", {"since": late}).json()["logs"] == "late\n"
    assert admin_client.get("/api/container/web/logs", {"until": late[:19]}).json()["logs"] == (
        "early\n"
    )
    assert admin_client.get("/api/container/web/logs?since=1h").json()["lines"] == 2


def text_of(answer) -> bytes:
    return async_to_sync(whole)(answer)


async def whole(answer) -> bytes:
    return b"".join([block async for block in answer])


@pytest.mark.parametrize("way", ["download", "accept"])
def test_the_whole_log_as_text(admin_client, said, way):
    said("seq 1 5000")
    if way == "download":
        answer = admin_client.get("/api/container/web/logs?download=true")
    else:
        answer = admin_client.get("/api/container/web/logs", headers={"Accept": "text/plain"})
    text = text_of(answer).decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"] == 'attachment; filename="web.log"'
    assert text.split() == [str(number) for number in range(1, 5001)]


def test_a_rotated_log_is_read_over_its_files(admin_client, said):
    log = {"type": "json-file", "config": {"max-size": "10k", "max-file": "3"}}
    said("seq 1 2000", host={"log_config": log})
    answer = admin_client.get("/api/container/web/logs").json()
    assert answer["logs"].split()[-1] == "2000"
    assert 50 < answer["lines"] < 1000


@pytest.fixture
def rotated_away(monkeypatch):
    """Has each log be read up to a line after which its file is rotated away, every time."""

    async def read(*_, **__):
        yield [("stdout", b"2026-01-01T00:00:00.000000000Z an old line")]
        raise LogLost("error from daemon in stream")

    monkeypatch.setattr(reading, "raw_lines", read)


def test_lines_that_are_rotated_away_while_it_is_read_are_said(admin_client, said, rotated_away):
    said("echo x")
    answer = admin_client.get("/api/container/web/logs").json()
    assert (answer["logs"].strip(), answer["lost"]) == ("an old line", True)
    page = admin_client.get("/containers/web/logs/").content.decode()
    assert f"1 line. {reading.NEWEST_LOST}" in page


def test_where_none_is_lost_that_is_said_as_well(admin_client, said):
    said("echo x")
    assert admin_client.get("/api/container/web/logs").json()["lost"] is False
    assert reading.NEWEST_LOST not in admin_client.get("/containers/web/logs/").content.decode()


def test_a_log_that_is_kept_elsewhere_is_said_so(admin_client, said):
    said("echo x", host={"log_config": {"type": "none", "config": {}}})
    answer = admin_client.get("/api/container/web/logs")
    assert answer.status_code in (400, 502)
    assert "logging driver" in answer.json()["error"]
    page = admin_client.get("/containers/web/logs/")
    assert page.status_code == 200
    assert "The log cannot be read" in page.content.decode()


def test_text_that_cannot_be_read_is_refused_before_it_begins(admin_client, said):
    said("echo x", host={"log_config": {"type": "none", "config": {}}})
    answer = admin_client.get("/api/container/web/logs?download=true")
    assert answer.status_code in (400, 502)
    assert admin_client.get("/containers/web/logs/download/").status_code in (400, 502)


def test_text_is_what_the_container_wrote_to_the_byte(admin_client, said):
    said("seq 1 30000 | tr '\\n' ' '; printf '\\377\\033[1m\\000\\r\\nend'")
    text = text_of(admin_client.get("/api/container/web/logs?download=true"))
    numbers = "".join(f"{number} " for number in range(1, 30_001)).encode()
    # The Engine itself keeps a log as text: what is not UTF-8 is lost there already.
    assert text == numbers + b"\xef\xbf\xbd\x1b[1m\x00\r\nend"


@pytest.mark.parametrize("tty", [False, True])
def test_a_long_line_has_its_time_once(admin_client, said, tty):
    said("seq 1 30000 | tr '\\n' ' '; echo; echo short", tty=tty)
    text = text_of(admin_client.get("/api/container/web/logs?download=true&timestamps=true"))
    long, short = text.decode().splitlines()
    assert [int(number) for number in long.split(" ")[1:-1]] == list(range(1, 30_001))
    assert short.endswith("Z short")
    answer = admin_client.get("/api/container/web/logs?tail=50").json()
    assert "… (cut)" in answer["logs"]
    assert len(answer["logs"]) < 17_000


def test_text_is_not_compressed_block_by_block(admin_client, said):
    said("seq 1 30000")
    answer = admin_client.get(
        "/api/container/web/logs?download=true", headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer
    assert len(text_of(answer).split()) == 30_000


def test_text_may_be_cut_short_and_searched(admin_client, said):
    said("seq 1 3000")
    for query, first, last in [("tail=5", 2996, 3000), ("search=299", 299, 2999)]:
        text = text_of(admin_client.get(f"/api/container/web/logs?download=true&{query}"))
        assert (int(text.split()[0]), int(text.split()[-1])) == (first, last)
    text = text_of(admin_client.get("/api/container/web/logs?download=1&search=299&tail=1"))
    assert text == b"2999\n"


def test_two_hundred_thousand_lines_are_searched_in_little_memory(admin_client, said):
    said("seq 1 200000")
    tracemalloc.start()
    answer = admin_client.get("/api/container/web/logs?search=7").json()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found = [number for number in range(1, 200_001) if "7" in str(number)]
    assert answer["lines"] + answer["left_out"] == len(found)
    assert answer["logs"].split() == [str(number) for number in found[-1000:]]
    assert peak < 16 << 20


def test_an_answer_has_an_end_in_bytes(admin_client, said):
    said("x=$(head -c 15000 /dev/zero | tr '\\0' x); for i in $(seq 1 1500); do echo $x; done")
    answer = admin_client.get("/api/container/web/logs?tail=all").json()
    assert len(answer["logs"]) <= 16 << 20
    assert answer["left_out"] == 1500 - answer["lines"] > 0


def test_a_search_sees_what_is_shown(admin_client, said):
    said(r"printf 'a\033[31mb\033[0mc\nold\rabc new\n'")
    answer = admin_client.get("/api/container/web/logs?search=ABC").json()
    assert answer["lines"] == 2


def test_hostile_bytes_are_json(admin_client, said):
    said(r"printf '\377\303\n\033]0;x\007<script>\000\n'")
    answer = admin_client.get("/api/container/web/logs").json()
    assert answer["lines"] == 2
    assert answer["logs"].startswith("��")


@pytest.mark.parametrize(
    ("query", "field"),
    [("tail=-1", "tail"), ("tail=100001", "tail"), ("since=soon", "since"), ("until=x", "until")],
)
def test_bad_input_is_named(admin_client, said, query, field):
    said("echo x")
    answer = admin_client.get(f"/api/container/web/logs?{query}")
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("name", ["nobody", *ODD_NAMES])
def test_what_is_not_there_is_not_found(admin_client, engine, name):
    answer = admin_client.get(f"/api/container/{quoted(name)}/logs")
    assert answer.status_code == 404


def test_ourselves_are_not_read(admin_client, make_container):
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    assert admin_client.get("/api/container/monkey/logs").status_code == 403


def test_an_engine_that_is_down_is_said_so(admin_client):
    assert admin_client.get("/api/container/web/logs").status_code == 503


def test_strangers_are_refused(stranger_client, said):
    said("echo secret")
    assert stranger_client.get("/api/container/web/logs").status_code == 401
    assert stranger_client.get("/containers/web/logs/download/").status_code == 302
