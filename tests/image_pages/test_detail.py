"""/images/<reference>/, its inspect, GET /api/image/<id> and /history"""

import json
from html import unescape

import pytest

from accounts.masks import DOTS
from images import presentation
from tests.backups.pages import tags_of, text_of
from tests.engine_calls import recorded_calls
from tests.images import build

DESCRIBED = [
    *("LABEL about=<b>x items=apples", "ENV PASSWORD=s3cret", "WORKDIR /srv", "USER guest"),
    *("EXPOSE 80/tcp", "VOLUME /data", 'ENTRYPOINT ["/bin/idle"]', 'CMD ["one", "two"]'),
    "HEALTHCHECK --interval=5s CMD true",
]


@pytest.fixture
def described(docker) -> str:
    return build(docker, "team/described:1", DESCRIBED)


def test_everybody_signed_in_sees_what_it_is(client, described, make_container):
    make_container("web", image="team/described:1", start=False)
    page = client.get(f"/images/{described}/")
    words = text_of(page)
    for told in (
        *("team/described:1", described, "linux/amd64", "/srv", "guest", "80/tcp", "/data"),
        *("/bin/idle", "one two", "true (every 5 s)", "<b>x", "items apples", "PASSWORD"),
        "Imported from",
    ):
        assert told in words, told
    assert "s3cret" not in words
    assert tags_of(page, "a", href="/containers/web/")
    assert not tags_of(page, "a", href=f"/images/{described}/delete/")


def test_values_are_there_when_asked_for(client, described):
    answer = client.get(f"/images/{described}/?values=shown")
    assert "s3cret" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]


def test_it_is_found_by_whatever_it_is_called(admin_client, described):
    for name in ("team/described:1", described[7:19], described[:20], described):
        assert admin_client.get(f"/images/{name}/").status_code == 200
        assert admin_client.get(f"/api/image/{name}").json()["id"] == described
    encoded = admin_client.get("/api/image/team%2Fdescribed%3A1/history")
    assert encoded.status_code == 200


def test_the_page_of_a_container_leads_to_it(client, described, make_container):
    make_container("web", image="team/described:1", start=False)
    page = client.get("/containers/web/")
    assert tags_of(page, "a", href=f"/images/{described}/")


def test_the_api_has_the_configuration(client, described):
    found = client.get(f"/api/image/{described}").json()
    assert (found["os"], found["working_dir"], found["user"]) == ("linux", "/srv", "guest")
    assert (found["command"], found["entrypoint"]) == (["one", "two"], ["/bin/idle"])
    assert (found["ports"], found["volumes"]) == (["80/tcp"], ["/data"])
    assert found["healthcheck"]["interval"] == 5
    assert found["inspect"]["Id"] == described


def test_the_api_has_the_history(client, docker, make_container, described):
    made = make_container("web", image="team/described:1", start=False)
    docker.commit(made, "child", "1", message="by hand")
    newest, oldest = client.get("/api/image/child:1/history").json()["history"]
    assert (newest["tags"], newest["comment"]) == (["child:1"], "by hand")
    assert (oldest["id"], oldest["tags"]) == (described, ["team/described:1"])
    assert oldest["size"] > 1 << 20
    assert oldest["created"].endswith("Z")


def test_the_inspect_can_be_read_and_downloaded_without_values(client, described):
    page = client.get(f"/images/{described}/inspect/").content.decode()
    text = unescape(page.split('id="inspect" tabindex="0">')[1].split("</pre>")[0])
    assert json.loads(text)["Id"] == described
    download = client.get(f"/images/{described}/inspect/?download")
    assert described[7:19] in download["Content-Disposition"]
    assert json.loads(download.content)["Config"]["Env"][-1] == f"PASSWORD={DOTS}"
    assert "s3cret" not in page + download.content.decode()
    assert b"s3cret" in client.get(f"/images/{described}/inspect/?values=shown").content


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("/bin/sh -c #(nop)  ENV A=1 B=two words", "/bin/sh -c #(nop)  ENV A=•••••• B=••••••"),
        ("ENV TOKEN=abc", "ENV TOKEN=••••••"),
        ("ENV TOKEN abc", "ENV ••••••"),
        ("ARG TOKEN=abc", "ARG TOKEN=••••••"),
        ("/bin/sh -c #(nop)  ARG TOKEN=abc", "/bin/sh -c #(nop)  ARG TOKEN=••••••"),
        ("ARG TOKEN", "ARG TOKEN"),
        (
            "|2 TOKEN=a b OTHER=c /bin/sh -c make x=1",
            "|TOKEN=•••••• OTHER=•••••• /bin/sh -c make x=1",
        ),
        (
            "RUN |1 TOKEN=a /bin/sh -c make # buildkit",
            "RUN |TOKEN=•••••• /bin/sh -c make # buildkit",
        ),
        ("RUN |1 TOKEN=abc /bin/bash -c make", "RUN |TOKEN=••••••"),
        ("RUN /bin/sh -c a | b", "RUN /bin/sh -c a | b"),
        ('CMD ["nginx" "-g" "x=1"]', 'CMD ["nginx" "-g" "x=1"]'),
    ],
)
def test_the_history_does_not_tell_what_was_set(step, shown):
    assert presentation.without_values(step) == shown


def test_build_arguments_of_the_last_step_are_hidden_too():
    ran = ["|2", "A=s3cret", "B=two s3cret", "/bin/sh", "-c", "make"]
    hidden = presentation.hidden({"ContainerConfig": {"Cmd": ran}})
    assert "s3cret" not in json.dumps(hidden)
    assert hidden["ContainerConfig"]["Cmd"][-3:] == ["/bin/sh", "-c", "make"]


def test_what_an_old_engine_keeps_of_the_last_step_is_hidden_too():
    inspect = {
        "Config": {"Env": ["A=s3cret"]},
        "ContainerConfig": {
            "Env": ["A=s3cret"],
            "Cmd": ["/bin/sh", "-c", "#(nop) ", "ENV A=s3cret"],
        },
    }
    assert "s3cret" not in json.dumps(presentation.hidden(inspect))
    assert inspect["Config"]["Env"] == ["A=s3cret"]


def test_the_cost_does_not_grow_with_the_containers(admin_client, described, make_container):
    for number in range(3):
        make_container(f"web-{number}", image="team/described:1", start=False)
    admin_client.get(f"/images/{described}/")
    with recorded_calls() as calls:
        admin_client.get(f"/images/{described}/")
    assert len([call for call in calls if "info" not in call]) == 3
    assert not [call for call in calls if "distribution" in call]


@pytest.mark.parametrize(
    "name", ["nowhere", "a/../b", "..%2f..", "a%00b", "é" * 50, "%3Cscript%3Ealert(1)"]
)
def test_what_is_not_there_is_not_found(admin_client, name):
    for path in ("/images/{}/", "/images/{}/inspect/", "/api/image/{}", "/api/image/{}/history"):
        answer = admin_client.get(path.format(name))
        assert answer.status_code == 404
        assert b"<script>alert" not in answer.content


def test_a_name_that_is_too_long_is_refused(admin_client):
    assert admin_client.get(f"/api/image/{'a' * 3000}").status_code == 400


def test_a_stranger_is_asked_to_sign_in(stranger_client, described):
    assert stranger_client.get(f"/images/{described}/").status_code == 302
    assert stranger_client.get(f"/api/image/{described}").status_code == 401
