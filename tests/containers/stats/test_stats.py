"""GET /api/container/<id>/stats and the page of it"""

import re
import subprocess
import time

import pytest

from containers.stats import services
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for

BURN = ["sh", "-c", "while :; do :; done"]
HTMX = {"HX-Request": "true"}


def test_the_figures_of_one_that_runs(client, make_container):
    made = make_container("web", host={"mem_limit": 64 << 20})
    answer = client.get(f"/api/container/{made[:12]}/stats").json()
    assert (answer["id"], answer["name"], answer["status"]) == (made, "web", "running")
    assert answer["memory_limit"] == 64 << 20
    assert 0 < answer["memory_usage"] < 64 << 20
    assert answer["cpu_percent"] is not None
    assert answer["pids"] >= 1
    assert answer["read_at"].endswith("Z")
    assert set(answer) == {
        *("id", "name", "status", "cpu_percent", "memory_usage", "memory_limit"),
        *("memory_percent", "network_rx", "network_tx", "block_read", "block_write"),
        *("pids", "read_at"),
    }


def test_every_figure_of_one_that_does_not_run_is_null(admin_client, make_container):
    make_container("web", start=False)
    answer = admin_client.get("/api/container/web/stats").json()
    assert answer["status"] == "created"
    assert {answer[field] for field in answer if field not in ("id", "name", "status")} == {None}


def test_on_the_hosts_network_traffic_is_unknown(admin_client, make_container):
    make_container("web", host={"network_mode": "host"})
    answer = admin_client.get("/api/container/web/stats").json()
    assert (answer["network_rx"], answer["network_tx"]) == (None, None)
    assert answer["memory_usage"] > 0


def test_the_figures_are_those_of_docker_stats(engine, docker, make_container):
    made = make_container("burn", command=BURN, host={"nano_cpus": 500_000_000})

    def both() -> tuple[float, float]:
        services.container_stats(made)
        time.sleep(2.1)  # what is measured is a length of time
        ours = services.container_stats(made)
        cpu, memory = told_by_docker(engine)
        assert ours.memory_usage == pytest.approx(memory, abs=512 << 10)
        return ours.cpu_percent, cpu

    def are_alike() -> bool:
        ours, theirs = both()
        return ours == pytest.approx(theirs, abs=25)

    # They are of two spans of time: on a busy machine it may have been given less in one of them.
    wait_for(are_alike, "both to say the same")


def told_by_docker(engine) -> tuple[float, float]:
    """The CPU in per cent and the bytes of memory, as `docker stats` tells them."""
    line = subprocess.run(
        [
            *["docker", "--host", engine.docker_host, "stats", "--no-stream"],
            *["--format", "{{.CPUPerc}} {{.MemUsage}}", "burn"],
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    cpu, memory, unit = re.match(r"([\d.]+)% ([\d.]+)([KM]iB)", line).groups()
    return float(cpu), float(memory) * {"KiB": 1 << 10, "MiB": 1 << 20}[unit]


def test_many_who_ask_cost_one_reading(admin_client, make_container, monkeypatch):
    monkeypatch.setattr(services, "FRESH_SECONDS", 600)
    make_container("web")
    admin_client.get("/api/container/web/stats")
    with recorded_calls() as calls:
        for _ in range(5):
            admin_client.get("/api/container/web/stats")
    assert not [call for call in calls if call.endswith("/stats")]


def test_a_container_started_again_begins_anew(docker, make_container):
    make_container("web", command=BURN)
    services.container_stats("web")
    docker.restart("web", timeout=0)
    assert services.container_stats("web").cpu_percent >= 0


@pytest.mark.parametrize("name", ["nobody", *ODD_NAMES])
def test_what_is_not_there_is_not_found(admin_client, engine, name):
    assert admin_client.get(f"/api/container/{quoted(name)}/stats").status_code == 404


def test_ourselves_and_strangers_are_refused(admin_client, stranger_client, make_container):
    make_container("monkey", labels={"containermonkey.self": "1"})
    assert admin_client.get("/api/container/monkey/stats").status_code == 403
    assert stranger_client.get("/api/container/monkey/stats").status_code == 401
    assert stranger_client.get("/containers/monkey/stats/").status_code == 302


def test_an_engine_that_is_down_is_said_so(admin_client):
    assert admin_client.get("/api/container/web/stats").status_code == 503


def test_the_page_shows_them_with_their_last_minutes(client, make_container):
    make_container("web", host={"mem_limit": 64 << 20})
    page = client.get("/containers/web/stats/").content.decode()
    assert "of 64 MiB" in page
    assert page.count('class="spark"') == 4
    assert 'aria-label="CPU over the last five minutes, from 0 to 100 %"' in page
    assert "style=" not in page
    fragment = client.get("/containers/web/stats/", headers=HTMX).content.decode()
    assert fragment.strip().startswith('<div id="figures"')


def test_the_page_says_that_it_does_not_run(admin_client, make_container):
    make_container("web", start=False)
    assert "It is not running" in admin_client.get("/containers/web/stats/").content.decode()
