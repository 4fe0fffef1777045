"""What Prometheus reads, and who may read it"""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from backups.models import Backup
from containermonkey import middleware
from jobs.models import Job, Status
from stats.collector import collector

pytestmark = pytest.mark.django_db

TOKEN = "long enough for nobody to guess"


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def figures(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return {
        (sample.name.removeprefix("containermonkey_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_containers_are_counted_by_status(stranger_client, make_container):
    make_container("web")
    make_container("idle", start=False)
    found = figures(stranger_client)
    assert found["engine_up",] == 1
    assert found["containers", "running"] == found["containers", "created"] == 1
    assert found["containers", "dead"] == 0


def test_the_newest_good_backup_of_each_is_told(stranger_client, engine):
    moment = now()
    for days, size, problem in ((0, 9, "torn"), (1, 7, ""), (2, 5, "")):
        Backup.objects.create(
            filename=f"{days}.tar.gz",
            container_name='we"b',
            size=size,
            created=moment - timedelta(days=days),
            problem=problem,
        )
    found = figures(stranger_client)
    assert found["backups",] == 3
    assert found["backups_damaged",] == 1
    assert found["backup_bytes", 'we"b'] == 7
    made = (moment - timedelta(days=1)).timestamp()
    assert found["backup_timestamp_seconds", 'we"b'] == pytest.approx(made)


def test_the_queue_is_told(stranger_client, engine):
    Job.objects.create(kind="backup", subject="web", status=Status.QUEUED)
    Job.objects.create(kind="backup", subject="a", status=Status.FAILED, finished_at=now())
    found = figures(stranger_client)
    assert found["jobs", "waiting"] == found["jobs_failed_last_day",] == 1
    assert found["worker_up",] == 0


def test_the_collector_is_told_of_and_left_alone(stranger_client, make_container):
    assert figures(stranger_client)["collector_running",] == 0
    collector.look()
    found = figures(stranger_client)
    assert found["collector_running",] == 1
    assert found["collector_round_timestamp_seconds",] == pytest.approx(now().timestamp(), abs=30)


def test_without_an_engine_the_rest_is_told(stranger_client, engine):
    engine.kill()
    found = figures(stranger_client)
    assert found["engine_up",] == 0
    assert ("backups",) in found


def test_an_engine_that_hangs_is_not_waited_for(stranger_client, engine, monkeypatch):
    monkeypatch.setattr(middleware, "PATIENCE", 0.3)
    engine.pause()
    assert figures(stranger_client)["engine_up",] == 0


@pytest.mark.parametrize(
    "sent", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é\xff"]
)
def test_nobody_else_reads_them(admin_client, sent):
    answer = admin_client.get("/metrics", headers={"Authorization": sent})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"].startswith("text/plain")


def test_without_a_token_there_is_no_such_address(admin_client, settings):
    settings.METRICS_TOKEN = ""
    assert admin_client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
