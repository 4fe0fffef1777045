"""/containers/<reference>/"""

import re
from datetime import UTC, datetime

import pytest
from docker import types as docker_types

from backups.models import Backup
from containers import annotations
from jobs.models import Job
from tests.backups.odd_names import ODD_NAMES, quoted
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for

HTMX = {"HX-Request": "true"}


def test_it_says_what_it_is(client, docker, make_container, monkeypatch):
    monkeypatch.setattr(annotations, "_last_backups", lambda: {"web": datetime.now(UTC)})
    docker.create_network("front")
    made = make_container(
        "web",
        command=["sleep", "<60>"],
        ports=[80],
        environment=["PASSWORD=s3cret"],
        labels={"about": "home"},
        host={
            "port_bindings": {80: 8080},
            "binds": ["data:/data:ro"],
            "mem_limit": 64 * 1024 * 1024,
            "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
        },
        start=False,
    )
    docker.connect_container_to_network(made, "front", aliases=["shop"])
    page = client.get("/containers/web/").content.decode()
    for words in (
        *("sleep &lt;60&gt;", "on-failure, at most 3 times", "64 MiB", "shop", "front", "about"),
        *("data", "/data", "read-only", "just now", made),
        'href="/backups/create/web/"',
        'formaction="/containers/web/start/"',
    ):
        assert words in page, words
    assert f'href="/containers/{made}/delete/"' in page


def test_what_operators_may_not_is_offered_to_them_by_no_link(operator_client, make_container):
    made = make_container("web", start=False)
    page = operator_client.get("/containers/web/").content.decode()
    assert f'href="/containers/{made}/delete/"' not in page


def test_values_of_the_environment_are_not_on_it(admin_client, make_container):
    make_container("web", environment=["PASSWORD=s3cret"], start=False)
    assert "s3cret" not in admin_client.get("/containers/web/").content.decode()


def test_how_it_ended_is_told(admin_client, docker, make_container):
    made = make_container("web", command=["sh", "-c", "exit 3"], start=False)
    docker.start(made)
    docker.wait(made)
    page = admin_client.get("/containers/web/").content.decode()
    assert re.search(r"<dt>Exit code</dt>\s*<dd>\s*3\s*</dd>", page)
    assert "<dt>Ended</dt>" in page


def test_the_last_results_of_the_healthcheck_are_told(admin_client, docker, make_container):
    made = make_container(
        "web",
        healthcheck={
            "test": ["CMD-SHELL", "echo '<b>no</b>'; exit 4"],
            "interval": 100_000_000,
            "retries": 1,
        },
    )
    wait_for(
        lambda: docker.inspect_container(made)["State"]["Health"]["Log"], "a result of the check"
    )
    page = admin_client.get("/containers/web/").content.decode()
    assert "exit code 4" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "every 0.1 s, 1 failures" in page


def test_each_mount_says_whether_a_backup_covers_it(admin_client, make_container, data_dir):
    mounts = [
        docker_types.Mount("/data", "data", type="volume"),
        docker_types.Mount("/later", "later", type="volume"),
        docker_types.Mount("/memory", None, type="tmpfs"),
        docker_types.Mount("/socket", "/proc", type="bind"),
    ]
    make_container("web", host={"mounts": mounts}, start=False)
    page = admin_client.get("/containers/web/").content.decode()
    assert page.count("Never backed up") == 2
    assert "held in memory" in page
    (data_dir / "backups" / "web_1.tar.gz").write_bytes(b"x")
    Backup.objects.create(
        filename="web_1.tar.gz",
        container_name="web",
        size=1,
        created=datetime.now(UTC),
        verified=True,
        metadata={"volumes": [{"name": "data", "destination": "/data", "type": "volume"}]},
    )
    page = admin_client.get("/containers/web/").content.decode()
    assert 'href="/backups/web_1.tar.gz/"' in page
    assert "mounted after the last backup" in page


def test_why_it_did_not_start_is_told(admin_client, docker, make_container):
    made = make_container("web", command=["/no/such/program"], start=False)
    with pytest.raises(Exception, match="no such file"):
        docker.start(made)
    assert "no such file" in admin_client.get("/containers/web/").content.decode()


def test_htmx_gets_the_state_alone(admin_client, make_container):
    make_container("web")
    page = admin_client.get("/containers/web/", headers=HTMX).content.decode()
    assert page.strip().startswith("<section")
    assert 'id="container-state"' in page
    assert "<h1" not in page


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_a_page_that_says_so(admin_client, engine, name):
    answer = admin_client.get(f"/containers/{quoted(name)}/")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.content.decode()


def test_this_program_itself_is_not_shown(admin_client, make_container):
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    answer = admin_client.get("/containers/monkey/")
    assert answer.status_code == 403
    assert "itself" in answer.content.decode()


def test_an_engine_that_is_down_is_said_so(admin_client):
    answer = admin_client.get("/containers/web/")
    assert answer.status_code == 503
    assert "Try again" in answer.content.decode()


def test_the_cost_is_constant(admin_client, make_container, django_assert_max_num_queries):
    make_container("web", start=False)
    Job.objects.create(kind="backup", subject="web")
    admin_client.get("/containers/web/")
    with django_assert_max_num_queries(5), recorded_calls() as calls:
        admin_client.get("/containers/web/")
    asked = ["containers/web/json", "containers/json", "info", "containers/json"]
    assert calls == [f"GET /v1.41/{part}" for part in asked]
