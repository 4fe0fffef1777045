"""What one person prepared is nobody else's, whatever they may do otherwise.

Bulk downloads are all there is of that kind: an upload is one request without an id to go on by,
and jobs are everybody's who may see them.
"""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.rights import Role
from accounts.roles import give_role
from backups.adoption import adopt
from tests.backups.brought import write_archive

pytestmark = pytest.mark.django_db

JSON = "application/json"

CALLS = [
    ("post", "/api/backups/download-all-create/{}"),
    ("get", "/api/backups/download-all-progress/{}"),
    ("get", "/api/backups/download-all/{}"),
    ("head", "/api/backups/download-all/{}"),
]


@pytest.fixture
def prepared(operator_client: Client, data_dir, tmp_path) -> str:
    """The id of a download that the operator has prepared."""
    adopt(write_archive(tmp_path / "brought.tar.gz"))
    answer = operator_client.post("/api/backups/download-all-prepare", {}, JSON)
    assert answer.status_code == 200
    return answer.json()["download_id"]


@pytest.fixture
def colleague_client(db: None) -> Client:
    """Somebody with the same rights."""
    colleague = User.objects.create_user("olga")
    give_role(colleague, Role.OPERATOR)
    client = Client()
    client.force_login(colleague)
    return client


def asked(client: Client, download: str) -> list[tuple[int, bytes]]:
    answers = [
        client.generic(verb.upper(), path.format(download), "", JSON) for verb, path in CALLS
    ]
    return [(answer.status_code, answer.content) for answer in answers]


@pytest.mark.parametrize("who", ["colleague_client", "admin_client"])
def test_a_download_of_somebody_else_is_like_one_that_never_was(who, prepared, request):
    client = request.getfixturevalue(who)
    found = asked(client, prepared)
    assert found == asked(client, str(uuid4()))
    assert {status for status, _ in found} <= {404, 405}


@pytest.mark.parametrize("who", ["viewer_client", "stranger_client"])
def test_whoever_may_download_nothing_has_no_use_for_its_id(who, prepared, request):
    statuses = {status for status, _ in asked(request.getfixturevalue(who), prepared)}
    assert statuses <= {401, 403, 405}


def test_it_is_there_for_who_prepared_it(prepared, operator_client):
    create, progress, download = CALLS[:3]
    assert operator_client.post(create[1].format(prepared), {}, JSON).status_code == 202
    assert operator_client.get(progress[1].format(prepared)).status_code == 200
    answer = operator_client.get(download[1].format(prepared))
    assert answer.status_code == 200
    answer.close()
