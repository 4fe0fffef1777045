"""GET /api/statistics"""

from datetime import UTC, datetime

FIGURES = {
    *("cpu_percent", "memory_usage", "memory_limit", "memory_percent", "network_rx"),
    *("network_tx", "block_read", "block_write", "pids", "read_at"),
}


def test_all_containers_running_or_not(viewer_client, make_container, collector):
    make_container("web", host={"mem_limit": 64 << 20})
    make_container("off", start=False)
    make_container("monkey", labels={"containermonkey.self": "1"})
    answer = viewer_client.get("/api/statistics").json()
    assert set(answer) == {"containers", "collected_at", "interval"}
    assert answer["interval"] == 5
    collected_at = datetime.fromisoformat(answer["collected_at"])
    assert (datetime.now(UTC) - collected_at).total_seconds() < 30
    assert answer["collected_at"].endswith("Z")
    found = {each["name"]: each for each in answer["containers"]}
    assert set(found) == {"web", "off"}
    web, off = found["web"], found["off"]
    assert set(web) == {"id", "name", "status", *FIGURES}
    assert web["status"] == "running"
    assert web["memory_limit"] == 64 << 20
    assert 0 < web["memory_usage"] < 64 << 20
    assert web["cpu_percent"] is not None
    assert off["status"] == "created"
    assert {off[figure] for figure in FIGURES} == {None}


def test_a_paused_one_has_figures(admin_client, docker, make_container, collector):
    make_container("web")
    docker.pause("web")
    (web,) = admin_client.get("/api/statistics").json()["containers"]
    assert web["status"] == "paused"
    assert web["memory_usage"] > 0


def test_it_is_not_counted_against_the_limit_of_calls(admin_client, engine, collector, monkeypatch):
    monkeypatch.setattr("accounts.limits.CALLS", "1/m")
    statuses = [admin_client.get("/api/statistics").status_code for _ in range(4)]
    assert statuses == [200] * 4


def test_a_stranger_is_refused(stranger_client, engine, collector):
    assert stranger_client.get("/api/statistics").status_code == 401
    assert not collector.running


def test_an_engine_that_is_down_is_said_so(admin_client, collector):
    answer = admin_client.get("/api/statistics")
    assert answer.status_code == 503
    assert answer.json()["code"] == "engine_unreachable"
