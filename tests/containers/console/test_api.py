"""POST /api/container/<id>/exec"""

import pytest

from accounts.models import AuditEntry
from containers.console import running

pytestmark = pytest.mark.django_db(transaction=True)


def run(client, container: str = "web", **body):
    return client.post(f"/api/container/{container}/exec", body, content_type="application/json")


def test_a_command_is_run_to_its_end(client, make_container):
    make_container("web")
    answer = run(client, command="sh -c 'echo out; echo err >&2; exit 3'")
    assert answer.status_code == 200
    assert answer.json() == {
        "exit_code": 3,
        "stdout": "out\n",
        "stderr": "err\n",
        "truncated": False,
        "timed_out": False,
    }


def test_a_list_is_not_split_and_no_shell_sees_it(client, make_container):
    make_container("web")
    answer = run(client, command=["echo", "$(id); a  b", "'"])
    assert answer.json()["stdout"] == "$(id); a  b '\n"


@pytest.mark.parametrize(
    "environment",
    [{"A": "1", "B": "=x y"}, [{"key": "A", "value": "1"}, {"key": "B", "value": "=x y"}]],
)
def test_user_folder_and_environment_are_chosen(environment, client, make_container):
    make_container("web")
    answer = run(
        client,
        command=["sh", "-c", "id -un; pwd; echo $A $B"],
        user="guest",
        workdir="/tmp",
        environment=environment,
    )
    assert answer.json()["stdout"] == "guest\n/tmp\n1 =x y\n"


def test_bytes_that_are_no_text_are_replaced(client, make_container):
    make_container("web")
    answer = run(client, command=["printf", r"a\377b\000c"])
    assert answer.json()["stdout"] == "a\ufffdb\x00c"


def test_of_each_output_the_beginning_is_kept(client, make_container):
    make_container("web")
    script = "yes | head -c 3000000; yes no | head -c 2000000 >&2; echo end"
    answer = run(client, command=["sh", "-c", script]).json()
    assert (len(answer["stdout"]), len(answer["stderr"])) == (running.OUTPUT_LIMIT,) * 2
    assert (answer["truncated"], answer["exit_code"]) == (True, 0)


def test_what_takes_too_long_is_ended_with_all_it_started(client, make_container, nothing_runs):
    container = make_container("web")
    script = "echo begun; trap '' TERM; sleep 1001 & sleep 1002; sleep 1003"
    answer = run(client, command=["sh", "-c", script], timeout=5).json()
    assert (answer["exit_code"], answer["timed_out"]) == (None, True)
    assert answer["stdout"] == "begun\n"
    nothing_runs(container)


def test_a_flood_is_cut_off_in_time(client, make_container, nothing_runs):
    container = make_container("web")
    answer = run(client, command=["yes"], timeout=5).json()
    assert (answer["timed_out"], answer["truncated"]) == (True, True)
    assert len(answer["stdout"]) == running.OUTPUT_LIMIT
    nothing_runs(container)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "command"),
        ({"command": ""}, "command"),
        ({"command": []}, "command"),
        ({"command": ["", "x"]}, "command"),
        ({"command": "echo 'open"}, "command"),
        ({"command": "a\0b"}, "command"),
        ({"command": 7}, "command"),
        ({"command": "no-such-program"}, "command"),
        ({"command": ["/bin"]}, "command"),
        ({"command": ["x" * 20_000, "y" * 20_000]}, "command"),
        ({"command": "true", "user": "nobody-at-all"}, "user"),
        ({"command": "true", "user": "a\nb"}, "user"),
        ({"command": "true", "user": "99999999999"}, "user"),
        ({"command": "true", "user": "-1"}, "user"),
        ({"command": "true", "workdir": "relative"}, "workdir"),
        ({"command": "true", "workdir": "/no/where"}, "workdir"),
        ({"command": "true", "environment": {"A=B": "1"}}, "environment"),
        ({"command": "true", "environment": {"": "1"}}, "environment"),
        ({"command": "true", "environment": {"A": 1}}, "environment"),
        ({"command": "true", "environment": ["A=1"]}, "environment"),
        ({"command": "true", "environment": [{"key": "A"}]}, "environment"),
        ({"command": "true", "timeout": 0}, "timeout"),
        ({"command": "true", "timeout": 601}, "timeout"),
        ({"command": "true", "tty": True}, "tty"),
    ],
)
def test_what_cannot_be_run_is_a_400_that_names_the_field(
    body, field, admin_client, make_container
):
    make_container("web")
    answer = run(admin_client, **body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]


def test_what_does_not_run_is_a_409(docker, admin_client, make_container):
    make_container("off", start=False)
    answer = run(admin_client, "off", command="true")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "off is not running. Start it first.",
    )
    make_container("web")
    docker.pause("web")
    assert run(admin_client, command="true").status_code == 409
    docker.unpause("web")


def test_what_is_not_there_is_a_404(docker, admin_client):
    assert run(admin_client, "nobody", command="true").status_code == 404
    assert run(admin_client, "a%2Fb", command="true").status_code == 404


def test_nothing_is_run_in_ourselves(admin_client, make_container, settings):
    settings.SHOW_SELF = True
    make_container("monkey", labels={"containermonkey.self": ""})
    assert run(admin_client, "monkey", command="true").status_code == 403


def test_a_stranger_runs_nothing(stranger_client, make_container):
    make_container("web")
    assert run(stranger_client, command="true").status_code == 401


def test_the_trail_tells_what_was_run_and_no_values(admin_client, make_container):
    make_container("web")
    run(admin_client, command=["sh", "-c", "exit 4"], environment={"KEY": "secret"}, user="guest")
    line = AuditEntry.objects.get(action="container.exec")
    assert (line.username, line.target, line.result) == ("ada", "web", "done")
    assert line.details["command"] == "sh -c 'exit 4'"
    assert (line.details["user"], line.details["exit_code"]) == ("guest", 4)
    assert "secret" not in repr(line.details)


@pytest.mark.parametrize(
    "command",
    [
        ["echo", "--password", "hunter2"],
        ["echo", "--token=hunter2"],
        ["sh", "-c", "echo mysql -phunter2; PGPASSWORD=hunter2 true"],
    ],
)
def test_the_trail_has_no_secrets_of_a_command(command, admin_client, make_container):
    make_container("web")
    assert run(admin_client, command=command).status_code == 200
    told = AuditEntry.objects.get(action="container.exec").details["command"]
    assert command[0] in told and "hunter2" not in told


def test_a_container_that_dies_meanwhile_is_told_as_it_is(admin_client, make_container):
    container = make_container("web", host={"init": False})
    answer = run(admin_client, command=["kill", "-TERM", "1"])
    assert answer.status_code in (200, 409), container
