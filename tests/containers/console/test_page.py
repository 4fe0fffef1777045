"""/console/<id>"""

import pytest

from accounts.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_has_a_terminal_and_a_form(client, make_container):
    container = make_container("web")
    page = client.get("/console/web").content.decode()
    assert f'data-console="/ws/containers/{container}/exec"' in page
    assert 'name="command"' in page
    assert 'aria-current="page">Console' in page


def test_a_command_is_run_and_its_output_is_plain_text(client, make_container):
    make_container("web")
    command = "sh -c 'echo \"<script>alert(1)</script>\"; echo oops >&2; exit 2'"
    answer = client.post("/console/web", {"command": command, "timeout": "60"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "oops" in page
    assert "Exit code 2" in page


def test_what_takes_too_long_is_told(client, make_container, nothing_runs):
    container = make_container("web")
    answer = client.post("/console/web", {"command": "sleep 1001", "timeout": "1"})
    assert "It took longer than it may." in answer.content.decode()
    nothing_runs(container)


@pytest.mark.parametrize(
    "fields",
    [
        {"command": ""},
        {"command": "   "},
        {"command": "echo 'open"},
        {"command": "no-such-program"},
        {"command": "true", "user": "nobody-at-all"},
        {"command": "true", "workdir": "/no/where"},
        {"command": "true", "timeout": "0"},
        {"command": "true", "timeout": "x"},
    ],
)
def test_what_is_wrong_stands_beside_its_field(fields, admin_client, make_container):
    make_container("web")
    answer = admin_client.post("/console/web", {"timeout": "60"} | fields)
    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()


def test_what_does_not_run_is_told(admin_client, make_container):
    make_container("off", start=False)
    assert admin_client.get("/console/off").status_code == 200
    answer = admin_client.post("/console/off", {"command": "true", "timeout": "5"})
    assert answer.status_code == 409
    assert "off is not running. Start it first." in answer.content.decode()


def test_what_is_not_there_is_a_404(docker, admin_client):
    assert admin_client.get("/console/nobody").status_code == 404


def test_ourselves_are_not_shown(admin_client, make_container):
    make_container("monkey", labels={"containermonkey.self": ""})
    assert admin_client.get("/console/monkey").status_code == 403


def test_a_stranger_is_sent_to_sign_in_and_runs_nothing(stranger_client, make_container):
    make_container("web")
    answer = stranger_client.post("/console/web", {"command": "true", "timeout": "5"})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/sign-in/")
    assert not AuditEntry.objects.filter(action="container.exec").exists()
