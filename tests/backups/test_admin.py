"""Backups in Django's admin: to look at, not to change."""

import pytest

from backups.models import Backup
from backups.schedules.options import ScheduleOptions
from backups.schedules.services import create_schedule, run_schedule
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import NEWEST, make_record

pytestmark = pytest.mark.django_db
LIST = "/admin/backups/backup/"


def test_backups_can_be_searched(admin_client):
    make_record("web")
    make_record("db", age=1)
    words = text_of(admin_client.get(LIST, {"q": "db"}))
    assert "db_20260503_030201.tar.gz" in words
    assert "web_20260504_030201.tar.gz" not in words


def test_one_can_be_looked_at_and_not_changed(admin_client):
    backup = make_record("web")
    page = admin_client.get(f"{LIST}{backup.pk}/change/")
    assert backup.sha256 in text_of(page)
    assert b'name="_save"' not in page.content
    assert admin_client.post(f"{LIST}{backup.pk}/change/", {"size": 1}).status_code == 403


@pytest.mark.parametrize("act", ["add/", "{pk}/delete/"])
def test_none_is_added_or_deleted_past_its_file(admin_client, act):
    backup = make_record("web")
    assert admin_client.post(LIST + act.format(pk=backup.pk), {"post": "yes"}).status_code == 403
    assert f"{LIST}add/" not in links_of(admin_client.get(LIST))
    assert Backup.objects.count() == 1


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"container_name": "web"}, "web_20260504_030201.tar.gz"),
        ({"verified__exact": "0"}, "db_20260503_030201.tar.gz"),
        ({"proved_at__isempty": "0"}, "mail_20260502_030201.tar.gz"),
        ({"problem__isempty": "0"}, "db_20260503_030201.tar.gz"),
    ],
)
def test_they_can_be_filtered(admin_client, chosen, found):
    make_record("web")
    make_record("db", age=1, verified=False, problem="It is damaged.")
    make_record("mail", age=2, proved_at=NEWEST)
    rows = tags_of(admin_client.get(LIST, chosen), "a")
    names = [link["href"] for link in rows if "/change/" in (link.get("href") or "")]
    assert len(names) == 1
    assert str(Backup.objects.get(filename=found).pk) in names[0]


def test_it_leads_to_the_page_where_it_can_be_deleted(admin_client):
    backup = make_record("web")
    page = admin_client.get(f"{LIST}{backup.pk}/change/")
    answer = admin_client.get(tags_of(page, "a", **{"class": "viewsitelink"})[0]["href"])
    assert answer["Location"].endswith(f"/backups/{backup.filename}/")


def test_nothing_is_done_to_many_at_once(admin_client):
    backup = make_record("web")
    chosen = {"action": "delete_selected", "_selected_action": [backup.pk], "post": "yes"}
    admin_client.post(LIST, chosen)
    assert Backup.objects.count() == 1


def test_only_administrators_get_in(operator_client):
    assert operator_client.get(LIST).status_code == 403


def test_schedules_and_their_runs_can_be_searched_and_not_changed(admin_client, engine):
    schedule = create_schedule(ScheduleOptions("nightly", "@daily", "UTC"))
    create_schedule(ScheduleOptions("weekly", "@weekly", "UTC"))
    run = run_schedule(schedule.pk)
    for kind, row in (("schedule", schedule), ("schedulerun", run)):
        address = f"/admin/backups/{kind}/"
        words = text_of(admin_client.get(address, {"q": "night"}))
        assert "nightly" in words
        assert "1 total" in words or "1 schedule" in words
        change = f"{address}{row.pk}/change/"
        assert b'name="_save"' not in admin_client.get(change).content
        for refused in (change, f"{address}{row.pk}/delete/", f"{address}add/"):
            assert admin_client.post(refused, {"name": "x", "post": "yes"}).status_code == 403
