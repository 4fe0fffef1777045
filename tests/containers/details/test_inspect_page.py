"""/containers/<reference>/inspect/"""

import json
from html import unescape

from containers.details import presentation


def test_everything_the_engine_says_is_there_but_values(client, make_container):
    made = make_container("web", environment=["PASSWORD=s3cret"], labels={"a": "<i>x"}, start=False)
    page = client.get("/containers/web/inspect/").content.decode()
    assert made in page
    assert "s3cret" not in page
    assert "<i>x" not in page
    text = unescape(page.split('id="inspect" tabindex="0">')[1].split("</pre>")[0])
    assert json.loads(text)["Config"]["Labels"] == {"a": "<i>x"}


def test_values_are_there_when_asked_for(client, make_container):
    make_container("web", environment=["PASSWORD=s3cret"], start=False)
    answer = client.get("/containers/web/inspect/?values=shown")
    assert "PASSWORD=s3cret" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_it_can_be_downloaded(client, make_container):
    make_container("web", environment=["PASSWORD=s3cret"], start=False)
    answer = client.get("/containers/web/inspect/?download")
    assert answer["Content-Disposition"] == 'attachment; filename="web.json"'
    assert json.loads(answer.content)["Name"] == "/web"
    assert b"s3cret" not in answer.content
    whole = client.get("/containers/web/inspect/?download&values=shown")
    assert b"s3cret" in whole.content


def test_a_long_one_is_cut_on_the_page_alone(admin_client, make_container, monkeypatch):
    monkeypatch.setattr(presentation, "LARGEST_SHOWN", 100)
    make_container("web", start=False)
    page = admin_client.get("/containers/web/inspect/").content.decode()
    assert "the download has it all" in page
    json.loads(admin_client.get("/containers/web/inspect/?download").content)


def test_what_is_not_there_is_not_found(client, engine):
    assert client.get("/containers/nobody/inspect/").status_code == 404
