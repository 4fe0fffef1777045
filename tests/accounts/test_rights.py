"""Every act and every address as each role: what it may, and what it is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.audit import Actor, acting, audited, require
from accounts.gate import act_of, face_of
from accounts.models import AuditEntry, Right, User
from accounts.rights import OWN, RIGHT_OF, Role, limit_rights, rights_of, role_name
from accounts.roles import give_role
from backups.models import Schedule
from backups.schedules.services import run_schedule
from containermonkey.problems import NotAllowed
from jobs.models import Job, Kind, Status
from jobs.registry import _handlers
from jobs.services import cancel, run_again
from tests import addresses
from tests.addresses import METHODS
from volumes.creating import NewVolume, create_volume

VIEWER, OPERATOR, ADMINISTRATOR = Role
EVERYBODY = {VIEWER, OPERATOR, ADMINISTRATOR}
OPERATORS = {OPERATOR, ADMINISTRATOR}
ADMINISTRATORS = {ADMINISTRATOR}

WHO_MAY = {
    "page.see": EVERYBODY,
    # secrets
    "container.environment": OPERATORS,
    "container.inspect": OPERATORS,
    "image.inspect": OPERATORS,
    "image.export": OPERATORS,
    "stack.read_compose": OPERATORS,
    "backup.read": OPERATORS,
    "backup.download": OPERATORS,
    "volume.read_file": OPERATORS,
    "job.log": OPERATORS,
    # commands
    "container.console": OPERATORS,
    "container.exec": OPERATORS,
    # acts that lose nothing
    "container.start": OPERATORS,
    "container.stop": OPERATORS,
    "container.restart": OPERATORS,
    "container.pause": OPERATORS,
    "container.unpause": OPERATORS,
    "container.kill": OPERATORS,
    "container.rename": OPERATORS,
    "container.bulk": OPERATORS,
    "redeploy.request": OPERATORS,
    "stack.start": OPERATORS,
    "stack.stop": OPERATORS,
    "stack.restart": OPERATORS,
    "stack.bulk": OPERATORS,
    "stack_redeploy.request": OPERATORS,
    "image.tag": OPERATORS,
    "image_pull.request": OPERATORS,
    "network.create": OPERATORS,
    "network.connect": OPERATORS,
    "network.disconnect": OPERATORS,
    "volume.create": OPERATORS,
    "volume_clone.request": OPERATORS,
    "volume.make_folder": OPERATORS,
    "volume.upload": OPERATORS,
    "volume.rename": OPERATORS,
    "job.cancel": OPERATORS,
    "job.run_again": OPERATORS,
    "cleanup.left_behind": OPERATORS,
    # backups
    "backup.request": OPERATORS,
    "stack_backup.request": OPERATORS,
    "network.backup": OPERATORS,
    "verify.request": OPERATORS,
    "rehearsal.request": OPERATORS,
    "scan.request": OPERATORS,
    "backup.bulk": OPERATORS,
    "backup.alarm_seen": OPERATORS,
    "schedule.run": OPERATORS,
    # bringing back what is gone
    "restore.request": OPERATORS,
    "stack_restore.request": OPERATORS,
    "network.restore": OPERATORS,
    "put_back.request": OPERATORS,
    # over something
    "restore.replace": ADMINISTRATORS,
    "stack_restore.replace": ADMINISTRATORS,
    "network.replace": ADMINISTRATORS,
    "put_back.replace": ADMINISTRATORS,
    "volume.replace_file": ADMINISTRATORS,
    # deleting
    "container.delete": ADMINISTRATORS,
    "stack.delete": ADMINISTRATORS,
    "stack.forget": ADMINISTRATORS,
    "image.delete": ADMINISTRATORS,
    "image.untag": ADMINISTRATORS,
    "image.prune": ADMINISTRATORS,
    "network.delete": ADMINISTRATORS,
    "network.prune": ADMINISTRATORS,
    "volume.delete": ADMINISTRATORS,
    "volume.prune": ADMINISTRATORS,
    "volume.delete_file": ADMINISTRATORS,
    "backup.delete": ADMINISTRATORS,
    "backup.forget": ADMINISTRATORS,
    "backup.prune": ADMINISTRATORS,
    "prune.request": ADMINISTRATORS,
    # from elsewhere
    "stack_deploy.request": ADMINISTRATORS,
    "image.import": ADMINISTRATORS,
    "backup.upload": ADMINISTRATORS,
    "network.upload": ADMINISTRATORS,
    "volume.create_with_options": ADMINISTRATORS,
    # the installation
    "schedule.create": ADMINISTRATORS,
    "schedule.change": ADMINISTRATORS,
    "schedule.switch": ADMINISTRATORS,
    "schedule.delete": ADMINISTRATORS,
    "registry.see": ADMINISTRATORS,
    "registry.add": ADMINISTRATORS,
    "registry.change": ADMINISTRATORS,
    "registry.check": ADMINISTRATORS,
    "registry.delete": ADMINISTRATORS,
    "account.manage": ADMINISTRATORS,
    "key.rotate": ADMINISTRATORS,
    "audit.see": ADMINISTRATORS,
    "audit.export": ADMINISTRATORS,
    "audit.prune": ADMINISTRATORS,
    "user.see": ADMINISTRATORS,
    "user.create": ADMINISTRATORS,
    "user.change": ADMINISTRATORS,
    "user.change_role": ADMINISTRATORS,
    "user.switch": ADMINISTRATORS,
    "user.reset_password": ADMINISTRATORS,
    "user.rename": ADMINISTRATORS,
    "user.delete": ADMINISTRATORS,
    "user.take_back": ADMINISTRATORS,
    # one's own
    "account.sign_in": EVERYBODY,
    "account.sign_out": EVERYBODY,
    "account.change": EVERYBODY,
    "token.see": EVERYBODY,
    "token.create": EVERYBODY,
    "token.delete": EVERYBODY,
    "session.see": EVERYBODY,
    "session.end": EVERYBODY,
    "second_factor.see": EVERYBODY,
    "second_factor.change": EVERYBODY,
    "second_factor.confirm": EVERYBODY,
    "second_factor.reset": ADMINISTRATORS,
}

FOR_VIEWERS = """
    / /api/backup-coverage /api/backup-progress/x /api/backup/status /api/backups
    /api/check-environment /api/container/x/logs /api/container/x/stats /api/containers
    /api/dashboard-stats /api/events /api/image/x /api/image/x/history /api/image/x/newer
    /api/images /api/network-backups /api/network/x /api/networks /api/schedule/x
    /api/schedule/x/preview /api/schedules /api/search /api/stack/x /api/stack/x/logs
    /api/stacks /api/statistics /api/system-stats /api/volume/x/explore /api/volumes /backups/
    /backups/coverage/ /backups/schedules/ /backups/schedules/1/
    /backups/sets/1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d/ /containers/ /containers/1/
    /containers/1/logs/ /containers/1/logs/download/ /containers/1/stats/ /engine/ /events/
    /images/ /images/1/ /images/1/newer/ /jobs/ /jobs/1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d/
    /networks/ /networks/1/ /search/ /stacks/ /stacks/1/ /stacks/1/logs/
    /stacks/1/logs/download/ /statistics/ /statistics/refresh/ /system/check/ /system/coverage/
    /system/disk/ /volumes/ /volumes/-/sizes/ /volumes/1/ /volumes/1/files/ /volumes/new/
    /volumes/prune/ /api/backup/x/preview /api/container/x/details /backups/1/
    /containers/1/environment/ /containers/1/inspect/ /images/1/inspect/ /system/clean-up/
"""
"""What may be looked at without reading secrets: a new address is looked at, and added here."""

AUDITED = re.compile(r'(?:audited|require|needs)\(\s*"([a-z_]+\.[a-z_]+)"')
ROOT = Path(__file__).parents[2]


@pytest.fixture
def people(db: None) -> dict[Role, User]:
    users = {role: User.objects.create_user(f"the {role.value}") for role in Role}
    for role, user in users.items():
        give_role(user, role)
    return users


@pytest.fixture
def clients(people: dict[Role, User]) -> dict[Role, Client]:
    clients = {role: Client() for role in people}
    for role, client in clients.items():
        client.force_login(people[role])
    return clients


def may(user: User | None, act: str) -> bool:
    with acting(lambda: Actor.of(user)):
        try:
            require(act)
        except NotAllowed:
            return False
    return True


@pytest.mark.parametrize("act", WHO_MAY)
def test_each_role_may_what_the_table_says(act: str, people):
    assert {role for role, user in people.items() if may(user, act)} == WHO_MAY[act]


def test_the_table_has_every_act_that_the_program_knows():
    assert {*RIGHT_OF, *OWN} == set(WHO_MAY)


def test_every_act_in_the_code_is_in_the_table():
    apps = [path for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    sources = [file for app in apps if app.name != "tests" for file in app.rglob("*.py")]
    named = {act for file in sources for act in AUDITED.findall(file.read_text())}
    requests = {f"{kind.value}.request" for kind in _handlers if isinstance(kind, Kind)}
    assert len(named) > 60 and len(requests) > 10
    assert {*named, *requests} <= set(WHO_MAY)


def test_an_act_that_nobody_wrote_down_takes_an_administrator(people):
    assert [role for role in Role if may(people[role], "moon.land")] == [ADMINISTRATOR]


def test_whoever_has_no_role_may_nothing(db):
    nobody = User.objects.create_user("nobody")
    assert not any(may(nobody, act) for act in RIGHT_OF)
    assert role_name(nobody) == "user without a role"


def test_a_stranger_and_a_user_who_was_switched_off_may_nothing(people):
    off = people[ADMINISTRATOR]
    off.is_active = False
    assert not any(may(user, act) for user in (None, off) for act in RIGHT_OF)


def test_commands_may_everything():
    for act in WHO_MAY:
        require(act)


def test_a_group_of_ones_own_gives_what_is_put_into_it(db):
    user = User.objects.create_user("nina")
    group = Group.objects.create(name="Night shift")
    group.permissions.set(Permission.objects.filter(codename__in=["see", "back_up"]))
    user.groups.add(group)
    assert rights_of(user) == {Right.SEE, Right.BACK_UP}
    assert role_name(user) == "viewer"


def test_a_right_that_was_given_to_one_person_alone_counts(people):
    people[VIEWER].user_permissions.add(Permission.objects.get(codename="delete"))
    assert may(User.objects.get(pk=people[VIEWER].pk), "container.delete")


def test_a_limit_takes_away_and_never_gives(people):
    limit_rights(people[ADMINISTRATOR], OPERATOR)
    limit_rights(people[VIEWER], ADMINISTRATOR)
    assert not may(people[ADMINISTRATOR], "container.delete")
    assert rights_of(people[VIEWER]) == {Right.SEE}


def test_rights_cost_one_query_and_administrators_none(
    people, django_assert_num_queries, django_user_model
):
    viewer, administrator = (
        User.objects.get(pk=people[role].pk) for role in (VIEWER, ADMINISTRATOR)
    )
    with django_assert_num_queries(1):
        assert rights_of(viewer) == rights_of(viewer)
    with django_assert_num_queries(0):
        assert rights_of(administrator) == set(Right)


def test_what_is_refused_is_not_done_and_is_in_the_audit_trail(people):
    done = []
    with (
        acting(lambda: Actor.of(people[VIEWER], "192.0.2.7")),
        pytest.raises(NotAllowed) as said,
        audited("container.delete", "web"),
    ):
        done.append("deleted")
    line = AuditEntry.objects.get()
    assert (line.action, line.target, line.result) == ("container.delete", "web", "failed")
    assert not done
    assert str(said.value) == (
        "This takes the right to delete, which administrators have. You are signed in as a viewer."
    )


def test_an_attempt_that_hangs_on_what_is_asked_for_is_in_the_audit_trail(people):
    with acting(lambda: Actor.of(people[OPERATOR])), pytest.raises(NotAllowed):
        create_volume(NewVolume("data", options={"type": "tmpfs"}))
    line = AuditEntry.objects.get()
    assert (line.action, line.target) == ("volume.create_with_options", "data")
    assert line.result == "failed"


def test_services_of_jobs_and_schedules_ask_for_the_right_themselves(people, db):
    job = Job.objects.create(kind=Kind.SCAN, subject="backups")
    schedule = Schedule.objects.create(name="nightly")
    calls = [
        lambda: cancel(job.progress_id),
        lambda: run_again(job.progress_id),
        lambda: run_schedule(schedule.pk),
    ]
    for call in calls:
        with acting(lambda: Actor.of(people[VIEWER])), pytest.raises(NotAllowed):
            call()
    refused = AuditEntry.objects.filter(result="failed").values_list("action", flat=True)
    assert set(refused) == {"job.cancel", "job.run_again", "schedule.run"}
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_djangos_admin_is_for_administrators_whatever_django_says(people, clients):
    staff = people[OPERATOR]
    staff.is_staff = True
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    page = "/admin/jobs/job/"
    assert clients[OPERATOR].get(page).status_code == 403
    assert clients[ADMINISTRATOR].get(page).status_code == 200


def test_whoever_may_see_nothing_is_told_nothing_by_the_frame(people, engine, make_container):
    make_container("broken", command=["sh", "-c", "exit 3"])
    administrator, nobody = Client(), Client()
    administrator.force_login(people[ADMINISTRATOR])
    nobody.force_login(User.objects.create_user("nobody"))
    seen = administrator.get("/").content.decode()
    for page in ("/", "/accounts/password/"):
        told = nobody.get(page).content.decode()
        for part in ("engine-host", "engine-state", "/ws/progress", "host-meters", 'id="jump"'):
            assert part in seen, part
            assert part not in told, part
        assert "Sign out" in told


# Every address


def faces() -> list[tuple[str, str, str]]:
    """Method, path and act of everything that a signed-in person can ask for."""
    found = []
    for page in addresses.addresses():
        view = resolve(page.path).func
        if page.is_api or page.path.startswith("/admin/") or not is_closed(view):
            continue
        found += [(method, page.path, act_of(view, method.upper())) for method in METHODS]
    for call in addresses.operations():
        if call.path not in {"/api/login", "/api/logout", "/api/auth-status"}:
            request = RequestFactory().generic(call.method.upper(), call.path)
            face = face_of(resolve(call.path).func, request)
            found.append((call.method, call.path, act_of(face, call.method.upper())))
    return found


def is_closed(view: Any) -> bool:
    return getattr(view, "login_required", True)


FACES = faces()


@pytest.mark.parametrize(("method", "path", "act"), FACES, ids=lambda part: str(part))
def test_each_address_lets_those_through_who_may(
    method: str, path: str, act: str, clients, settings, data_dir
):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    for role, client in clients.items():
        answer = getattr(client, method)(path, content_type="application/json")
        refused = answer.status_code == 403
        assert refused == (role not in WHO_MAY[act]), (role, answer.status_code)
        if refused and path.startswith("/api/"):
            assert answer.json()["code"] == "not_allowed"


def test_what_a_viewer_may_look_at_is_written_down_here():
    open_to_viewers = {path for method, path, act in FACES if method == "get" and act == "page.see"}
    assert open_to_viewers == set(FOR_VIEWERS.split())


def test_whoever_has_no_role_sees_nothing_by_id_either(db, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    for method, path in ((method, path) for method, path, act in FACES if act not in OWN):
        answer = getattr(client, method)(path, content_type="application/json")
        assert answer.status_code == 403, path


def test_what_changes_something_says_what_it_is(clients, settings):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    undeclared = {(method, path) for method, path, act in FACES if act == "account.manage"}
    for method, path in undeclared:
        answer = getattr(clients[ADMINISTRATOR], method)(path, content_type="application/json")
        assert answer.status_code == 405, f"{method} {path} changes something without a right"
