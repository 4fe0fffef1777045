"""The dashboard: what a person wants to know at a glance"""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from backups.models import Backup
from containermonkey import middleware
from jobs.models import Job, Status
from system.dashboard import services
from system.host import charts
from system.host.sampling import Sampler
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(docker, make_container):
    """Three containers, one of them in trouble, and things that nobody uses."""
    make_container("web", labels={"com.docker.compose.project": "shop"})
    make_container("idle", start=False)
    broken = make_container("broken", command=["sh", "-c", "exit 3"], start=False)
    docker.start(broken)
    docker.wait(broken)
    docker.create_volume("spare")
    docker.create_network("spare")


def stats(client):
    answer = client.get("/api/dashboard-stats")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_api_counts_what_the_host_has(operator_client, host, docker):
    found = stats(operator_client)
    assert found["engine"] == {"version": docker.version()["Version"]}
    containers = found["containers"]
    assert (containers["total"], containers["running"]) == (3, 1)
    assert containers["by_status"] == {"running": 1, "created": 1, "exited": 1}
    assert found["volumes"]["total"] == found["volumes"]["unused"] == 1
    assert found["networks"] == {"total": 4, "unused": 1}
    assert found["stacks"] == {"total": 1, "running": 1, "partial": 0, "stopped": 0}
    assert found["images"]["total"] == len(docker.images())


def test_sizes_come_when_the_engine_has_counted_them(operator_client, host):
    wait_for(lambda: stats(operator_client)["sizes_counted_at"], "the count")
    found = stats(operator_client)
    assert found["images"]["size"] > 1 << 20
    assert found["volumes"]["size"] == 0


def test_backups_and_jobs_are_counted(operator_client, engine):
    for number, problem in enumerate(["", "torn"]):
        Backup.objects.create(
            filename=f"web_{number}.tar.gz",
            container_name="web",
            size=10,
            created=now() - timedelta(days=number),
            problem=problem,
        )
    long_ago = now() - timedelta(days=2)
    Job.objects.create(kind="backup", subject="web", status=Status.QUEUED)
    for finished in (now(), long_ago):
        Job.objects.create(kind="backup", subject="web", status=Status.FAILED, finished_at=finished)
    found = stats(operator_client)
    assert found["backups"]["count"] == 2
    assert found["backups"]["total_size"] == 20
    assert found["backups"]["damaged"] == 1
    assert found["queue"] == {"running": 0, "waiting": 1, "failed": 1, "worker_alive": False}


def test_the_calls_do_not_grow_with_what_is_there(operator_client, host, make_container, docker):
    def asked():
        with recorded_calls() as calls:
            operator_client.get("/")
        return len(calls)

    operator_client.get("/")
    services.disk.begin().wait()  # until it is over it may be heard, or not
    before = asked()
    for number in range(4):
        make_container(f"more{number}", start=False)
        docker.create_volume(f"more{number}")
    assert asked() == before


def test_the_page_names_what_is_in_trouble_and_leads_everywhere(operator_client, host):
    page = operator_client.get("/")
    assert tags_of(page, "a", href="/containers/broken/")
    assert "Exited (3)" in text_of(page)
    for address in ("containers", "stacks", "images", "volumes", "networks", "backups"):
        assert tags_of(page, "a", href=f"/{address}/")


@pytest.fixture
def figures(operator_client, engine, monkeypatch):
    """What the API says of the host, which has been looked at since."""
    known = operator_client.get("/api/system-stats").json()
    sampler = Sampler()
    monkeypatch.setattr(charts, "sampler", sampler)
    sampler.wait(5)
    yield known
    sampler.stop()


def test_the_newest_events_and_the_last_hour_are_there(operator_client, host, figures):
    page = operator_client.get("/")
    assert tags_of(page, "a", href="/events/")
    for figure in ("CPU", "RAM", "Disk"):
        assert tags_of(page, "svg", **{"aria-label": f"{figure} in the last hour, from 0 to 100 %"})


def test_the_hosts_newest_figures_are_those_of_the_api(operator_client, figures):
    found = {chart.label: chart for chart in charts.host_charts()}
    assert found["Disk"].share == pytest.approx(figures["disk_percent"], abs=1)
    assert found["RAM"].share == pytest.approx(figures["memory_percent"], abs=20)
    assert 0 <= found["CPU"].share <= 100
    page = operator_client.get("/").content.decode().partition('id="h-host"')[2]
    assert f">{found['Disk'].share:.0f} %</b>" in page


def test_another_machine_is_not_drawn_as_the_host(operator_client, figures, monkeypatch):
    assert charts.host_charts()
    monkeypatch.setattr(charts, "is_this_machine", lambda about: False)
    page = operator_client.get("/")
    assert not tags_of(page, "svg", **{"aria-label": "CPU in the last hour, from 0 to 100 %"})
    assert "the Docker host is another machine" in text_of(page)


@pytest.fixture
def rows():
    """The jobs that were read from the database."""
    read = []

    def note(instance, **_):
        read.append(instance)

    post_init.connect(note, sender=Job)
    yield read
    post_init.disconnect(note, sender=Job)


def test_a_long_queue_is_counted_and_not_read(operator_client, engine, rows):
    def asked():
        rows.clear()
        with CaptureQueriesContext(connection) as queries:
            page = operator_client.get("/")
        return len(queries), len(rows), page

    def wait_in_line(first, last):
        Job.objects.bulk_create(
            Job(kind="backup", subject=f"shop-{number}") for number in range(first, last)
        )

    wait_in_line(0, 5)
    *before, page = asked()
    assert "in all" not in text_of(page)
    wait_in_line(5, 40)
    *after, page = asked()
    assert after == before
    assert "40 in all" in text_of(page)
    assert "shop-4" in text_of(page) and "shop-5" not in text_of(page)


def test_what_failed_is_named(operator_client, engine):
    job = Job.objects.create(
        kind="backup", subject="shop", status=Status.FAILED, finished_at=now(), error="no room"
    )
    assert tags_of(operator_client.get("/"), "a", href=f"/jobs/{job.progress_id}/")


def test_without_an_engine_the_last_figures_stay(operator_client, host, private_engine):
    assert "Exited (3)" in text_of(operator_client.get("/"))
    private_engine.kill()
    gone = operator_client.get("/")
    assert gone.status_code == 200
    assert "Exited (3)" in text_of(gone)
    assert "The Docker Engine does not answer" in text_of(gone)
    assert operator_client.get("/api/dashboard-stats").status_code == 503
    private_engine.start()
    assert "does not answer" not in text_of(operator_client.get("/"))


def test_an_engine_that_hangs_is_not_waited_for(operator_client, host, private_engine, monkeypatch):
    operator_client.get("/")
    monkeypatch.setattr(middleware, "PATIENCE", 0.3)
    cache.clear()  # the sidebar asks anew who the host is
    private_engine.pause()
    page = text_of(operator_client.get("/"))
    assert "The Docker Engine does not answer" in page and "Exited (3)" in page
    assert "Newest events spare" in page
    assert "The Docker Engine does not answer" in text_of(operator_client.get("/events/"))


def test_an_engine_that_was_never_seen_leaves_the_backups(operator_client, engine, monkeypatch):
    monkeypatch.setattr(services, "_seen", {})
    engine.kill()
    page = operator_client.get("/")
    assert tags_of(page, "a", href="/backups/")
    assert "Not known until the Docker Engine answers" in text_of(page)


def test_coverage_and_disk_come_after_the_page(operator_client, host):
    page = operator_client.get("/")
    assert tags_of(page, "div", **{"data-hx-get": "/system/coverage/"})
    assert "Never" in text_of(operator_client.get("/system/coverage/"))
    wait_for(
        lambda: "in all, counted" in text_of(operator_client.get("/system/disk/")), "the count"
    )
    part = operator_client.get("/system/disk/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()


def test_only_who_is_signed_in_sees_it(stranger_client):
    assert stranger_client.get("/").status_code == 302
    assert stranger_client.get("/api/dashboard-stats").status_code == 401
