"""Jobs in Django's admin: to look at, not to change."""

import pytest

from jobs.models import Job, Status
from tests.backups.pages import links_of, text_of

LIST = "/admin/jobs/job/"


def test_jobs_can_be_searched_and_filtered(admin_client, make_job):
    make_job(Status.COMPLETE, "web")
    make_job(Status.FAILED, "db", kind="restore", error="No <b>space</b> left.")
    for asked in ({"q": "space"}, {"kind__exact": "restore"}, {"status__exact": "failed"}):
        page = admin_client.get(LIST, asked)
        assert "No <b>space</b> left." in text_of(page)
        assert b"<b>space" not in page.content
        assert "1 job" in text_of(page)


def test_one_can_be_looked_at_and_not_changed(admin_client, make_job):
    job = make_job(Status.COMPLETE, log="10:00:00 Reading volume data\n")
    page = admin_client.get(f"{LIST}{job.pk}/change/")
    assert "Reading volume data" in text_of(page)
    assert b'name="_save"' not in page.content
    assert admin_client.post(f"{LIST}{job.pk}/change/", {"status": "failed"}).status_code == 403


@pytest.mark.parametrize("act", ["add/", "{pk}/delete/"])
def test_none_is_added_or_deleted_with_its_undo(admin_client, make_job, act):
    job = make_job(Status.FAILED, undo=[{"key": 1, "action": "x", "arguments": {}}])
    assert admin_client.post(LIST + act.format(pk=job.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [job.pk], "post": "yes"}
    admin_client.post(LIST, chosen)
    assert f"{LIST}add/" not in links_of(admin_client.get(LIST))
    assert Job.objects.count() == 1


def test_only_administrators_get_in(operator_client):
    assert operator_client.get(LIST).status_code == 403


def test_the_cost_does_not_grow_with_the_rows(
    admin_client, admin, make_job, django_assert_max_num_queries
):
    for _ in range(3):
        make_job(requested_by=admin)
        with django_assert_max_num_queries(12):
            admin_client.get(LIST)
