"""Many containers at once: the service, POST /api/containers/bulk and the form of the list"""

import time
from collections import Counter

import pytest

from accounts.models import AuditEntry
from containermonkey.problems import Invalid
from containers.bulk import services
from containers.bulk.actions import ACTIONS, Action, Options, add_action
from jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def statuses(docker) -> dict[str, str]:
    return {row["Names"][0][1:]: row["State"] for row in docker.containers(all=True)}


def post(client, body):
    return client.post("/api/containers/bulk", body, content_type="application/json")


def test_each_has_its_own_result(client, docker, make_container):
    made = make_container("web", start=False)
    make_container("db", start=False)
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    answer = post(client, {"action": "start", "ids": ["nobody", made, "monkey", "db"]})
    assert answer.status_code == 200
    nobody, web, monkey, db = answer.json()["results"]
    assert (nobody["id"], nobody["success"]) == ("nobody", False)
    assert "nobody" in nobody["error"]
    assert web == {"id": made, "success": True, "error": None}
    assert "itself" in monkey["error"]
    assert db["success"]
    assert statuses(docker) == {"web": "running", "db": "running", "monkey": "created"}


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("stop", "running", "exited"),
        ("restart", "running", "running"),
        ("pause", "running", "paused"),
        ("unpause", "paused", "running"),
        ("kill", "running", "exited"),
    ],
)
def test_every_action(admin_client, docker, make_container, action, before, after):
    for name in ("web", "db"):
        made = make_container(name)
        if before == "paused":
            docker.pause(made)
    results = post(admin_client, {"action": action, "ids": ["web", "db"]}).json()["results"]
    assert [each["success"] for each in results] == [True, True]
    if action == "kill":
        for name in ("web", "db"):
            docker.wait(name)
    assert set(statuses(docker).values()) == {after}


def test_deleting_keeps_what_runs_unless_told(admin_client, docker, make_container):
    make_container("web")
    make_container("db", start=False)
    results = post(admin_client, {"action": "delete", "ids": ["web", "db"]}).json()["results"]
    assert [each["success"] for each in results] == [False, True]
    assert statuses(docker) == {"web": "running"}
    results = post(admin_client, {"action": "delete", "ids": ["web"], "force": True}).json()
    assert results["results"][0]["success"]
    assert statuses(docker) == {}


def test_backups_are_queued_for_who_asks(admin_client, admin, make_container):
    make_container("web", start=False)
    results = post(admin_client, {"action": "backup", "ids": ["web", "nobody"]}).json()["results"]
    assert [each["success"] for each in results] == [True, False]
    (job,) = Job.objects.all()
    assert (job.kind, job.subject, job.requested_by) == ("backup", "web", admin)


def test_backups_are_queued_in_the_order_in_which_they_are_asked_for(admin_client, make_container):
    names = ["db", "web", "cache", "app", "mail", "proxy", "jobs", "logs", "auth"]
    for name in names:
        make_container(name, start=False)
    assert post(admin_client, {"action": "backup", "ids": names}).status_code == 200
    queued = admin_client.get("/api/backup/status").json()["queued"]
    assert [job["container_name"] for job in queued] == names


def test_a_signal_for_several_may_be_a_number(admin_client, docker, make_container):
    make_container("web")
    post(admin_client, {"action": "kill", "ids": ["web"], "signal": 9})
    assert docker.wait("web")["StatusCode"] == 137


def test_the_trail_knows_who_asked(admin_client, admin, make_container):
    make_container("web", start=False)
    post(admin_client, {"action": "start", "ids": ["web"]})
    line = AuditEntry.objects.get(action="container.start")
    assert (line.user, line.address) == (admin, "127.0.0.1")


def test_a_container_with_several_names_is_acted_on_once(engine, docker, make_container):
    made = make_container("web")
    seen = Counter()
    counted = Action(
        *("count", "Count", "Counted"),
        icon="cube",
        act=lambda container, options: seen.update([container]),
        states=(),
        needs="container.start",
    )
    add_action(counted)
    try:
        results = services.act_on_all("count", ["web", made, made[:12], "web"])
    finally:
        del ACTIONS["count"]
    assert seen == {made: 1}
    assert [each.id for each in results] == ["web", made, made[:12]]


def test_they_are_worked_on_at_the_same_time(engine, make_container):
    names = [f"deaf{number}" for number in range(8)]
    for name in names:
        make_container(name, command=["sleep", "3600"])
    start = time.monotonic()
    results = services.act_on_all("stop", names, Options(timeout=4))
    assert all(each.success for each in results)
    assert time.monotonic() - start < 8 * 4  # one after the other they would take 32 s and more


def test_a_defect_with_one_is_its_own(engine, make_container, caplog):
    make_container("web", start=False)

    def fail(container: str, options: Options) -> None:
        raise ZeroDivisionError

    add_action(
        Action("fail", "Fail", "Failed", icon="cube", act=fail, states=(), needs="container.start")
    )
    try:
        (result,) = services.act_on_all("fail", ["web"])
    finally:
        del ACTIONS["fail"]
    assert "defect" in result.error
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "ids": ["web"]},
        {"action": "start", "ids": []},
        {"action": "start", "ids": ["x"] * 501},
        {"action": "start", "ids": "web"},
        {"action": "start", "ids": [""]},
        {"action": "start"},
        {"action": "kill", "ids": ["web"], "signal": "NONE"},
        {"action": "stop", "ids": ["web"], "timeout": -1},
        {"action": "start", "ids": ["web"], "forse": True},
        [],
    ],
)
def test_bad_input_is_named(admin_client, engine, body):
    answer = post(admin_client, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_none_at_all_is_refused(engine):
    with pytest.raises(Invalid):
        services.act_on_all("start", [])


def test_strangers_are_refused(stranger_client, docker, make_container):
    make_container("web", start=False)
    assert post(stranger_client, {"action": "start", "ids": ["web"]}).status_code == 401
    assert (
        stranger_client.post("/containers/-/bulk/", {"action": "start", "id": ["web"]}).status_code
        == 302
    )
    assert statuses(docker) == {"web": "created"}


def test_the_list_posts_what_is_selected(client, docker, make_container):
    made = make_container("web", start=False)
    form = {"action": "start", "id": [made[:12], "nobody"], "next": "/containers/?state=stopped"}
    answer = client.post("/containers/-/bulk/", form, follow=True)
    assert answer.redirect_chain == [("/containers/?state=stopped", 302)]
    page = answer.content.decode()
    assert "Started 1 container" in page
    assert "Start: 1 container failed." in page
    assert statuses(docker) == {"web": "running"}


@pytest.mark.parametrize("action", ["delete", "kill"])
def test_what_cannot_be_taken_back_is_asked_first(client, docker, make_container, action):
    made = make_container("web")
    form = {"action": action, "id": [made[:12]]}
    page = client.post("/containers/-/bulk/", form).content.decode()
    assert "Never backed up" in page
    assert f'name="id" value="{made}"' in page
    assert statuses(docker) == {"web": "running"}
    answer = client.post("/containers/-/bulk/", form | {"confirmed": "1", "force": "1"})
    assert answer["Location"] == "/containers/"
    assert statuses(docker).get("web") != "running"


def test_nothing_selected_is_said(client, engine):
    answer = client.post("/containers/-/bulk/", {"action": "start"}, follow=True)
    assert "No container was selected" in answer.content.decode()


def test_a_way_back_leads_nowhere_else(client, engine):
    answer = client.post("/containers/-/bulk/", {"action": "start", "next": "https://example.org/"})
    assert answer["Location"] == "/containers/"
