"""/api/schedules and /api/schedule/<id>"""

import pytest

from backups.models import Schedule
from jobs.models import Job
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db
NIGHTLY = {"name": "nightly", "expression": "30 2 * * *", "time_zone": "Europe/Berlin"}
JSON = {"content_type": "application/json"}


@pytest.fixture
def key(make_schedule) -> int:
    return make_schedule(keep_last=1).pk


def test_one_is_made_and_described(client):
    answer = client.post("/api/schedules", {**NIGHTLY, "keep_daily": 7}, **JSON)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert found["next_run"].endswith(":30:00Z")
    assert (found["name"], found["keep_daily"], found["last_run"]) == ("nightly", 7, None)
    assert client.get("/api/schedules").json() == {"schedules": [found]}
    assert client.get(f"/api/schedule/{found['id']}").json() == found


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expression": "no"}, "expression"),
        ({"expresion": "@daily"}, "expresion"),
        ({"keep_last": 0}, "keep_last"),
        ({"keep_last": "3"}, "keep_last"),
        ({"names": "web"}, "names"),
        ({"time_zone": "\0"}, "time_zone"),
        ({"task": None}, "task"),
    ],
)
def test_what_is_not_valid_is_a_400_that_names_the_field(admin_client, more, field):
    answer = admin_client.post("/api/schedules", {**NIGHTLY, **more}, **JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]
    assert not Schedule.objects.exists()


def test_a_name_that_is_taken_is_a_409(admin_client, key):
    answer = admin_client.post("/api/schedules", NIGHTLY, **JSON)
    assert answer.status_code == 409
    assert answer.json()["fields"] == {"name": "is taken already"}


def test_put_gives_it_these_options_and_no_others(admin_client, key):
    answer = admin_client.put(f"/api/schedule/{key}", NIGHTLY | {"enabled": False}, **JSON)
    assert answer.status_code == 200, answer.content
    assert answer.json()["next_run"] is None
    assert answer.json()["keep_last"] is None


def test_delete_removes_it(client, key):
    assert client.delete(f"/api/schedule/{key}").json() == {"success": True}
    assert client.get(f"/api/schedule/{key}").status_code == 404


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "77"])
@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_is_not_there_is_a_client_error(admin_client, method, key):
    answer = getattr(admin_client, method)(f"/api/schedule/{key}")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


def test_run_puts_the_backups_into_the_queue(client, key, make_container):
    make_container("web", start=False)
    answer = client.post(f"/api/schedule/{key}/run", **JSON)
    assert answer.status_code == 202, answer.content
    job = Job.objects.get()
    assert answer.json()["results"] == [
        {
            "container": "web",
            "filename": "",
            "status": "queued",
            "why": "Waiting for its turn",
            "progress_id": str(job.progress_id),
        }
    ]
    assert job.requested_by.username in ("ada", "otto")
    last = client.get(f"/api/schedule/{key}").json()["last_run"]
    assert last == answer.json() | {"started": last["started"]}


def test_without_an_engine_it_cannot_be_run(admin_client, key):
    assert admin_client.post(f"/api/schedule/{key}/run", **JSON).status_code == 503
    assert not Job.objects.exists()


def test_the_preview_tells_when_what_and_which_backups_go(client, key, make_container, data_dir):
    make_container("web", start=False)
    for age in (0, 1):
        record = make_record("web", age, size=7, schedule_id=key)
        (data_dir / "backups" / record.filename).write_bytes(b"archive")
    found = client.get(f"/api/schedule/{key}/preview").json()
    assert len(found["next_runs"]) == 5
    assert (found["containers"], found["warnings"]) == (["web"], [])
    [plan] = found["retention"]
    assert (plan["container"], plan["hold"]) == ("web", "")
    assert [(each["keep"], each["reasons"]) for each in plan["backups"]] == [
        (True, ["the newest good one", "the last one"]),
        (False, ["no rule keeps it"]),
    ]


def test_the_list_costs_the_same_whatever_it_holds(
    admin_client, make_schedule, make_container, django_assert_num_queries
):
    make_container("web", start=False)
    for number in range(2):
        schedule = make_schedule(f"schedule {number}")
        admin_client.post(f"/api/schedule/{schedule.pk}/run", **JSON)
    with django_assert_num_queries(6):  # three of them for who is asking
        admin_client.get("/api/schedules")
    for number in range(2, 5):
        schedule = make_schedule(f"schedule {number}")
        admin_client.post(f"/api/schedule/{schedule.pk}/run", **JSON)
    with django_assert_num_queries(6):
        admin_client.get("/api/schedules")
