"""/volumes/<name>/files/ and what it leads to"""

import pytest

from tests.volumes.files.conftest import PIXEL

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def page_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("who", ["admin_client", "operator_client"])
def test_everybody_signed_in_may_look(request, who, root):
    client = request.getfixturevalue(who)
    assert 'href="/volumes/data/files/"' in page_of(client, "/volumes/data/")
    (root / "link").symlink_to("/etc/passwd")
    page = page_of(client, "/volumes/data/files/")
    for words in (
        *("rw-r--r--", "rwxr-xr-x", "0:0", "/etc/passwd", "4 B", "1–3 of 3"),
        'href="?path=%2Ffolder"',
        'href="/volumes/data/files/shown/?path=%2Ffirst"',
        'href="/api/volume/data/download?path=%2Ffirst"',
        'href="/api/volume/data/download?path=%2Ffolder"',
    ):
        assert words in page, words
    assert "one" in page_of(client, "/volumes/data/files/shown/?path=/first")


@pytest.mark.parametrize("address", ["", "shown/?path=/first", "picture/?path=/first"])
def test_a_stranger_is_asked_to_sign_in(stranger_client, root, address):
    assert stranger_client.get(f"/volumes/data/files/{address}").status_code == 302


def test_a_folder_comes_in_pages_of_a_hundred(admin_client, root):
    for number in range(150):
        (root / "folder" / "below" / f"{number:03}").touch()
    page = page_of(admin_client, "/volumes/data/files/?path=/folder/below&page=2")
    assert "101–150 of 150" in page
    assert ">100<" in page
    assert ">099<" not in page
    assert 'href="?path=%2Ffolder"' in page


def test_a_fragment_is_the_folder_alone(admin_client, root):
    answer = admin_client.get("/volumes/data/files/?path=/folder", headers={"HX-Request": "true"})
    fragment = answer.content.decode().split()
    assert fragment[:3] == ["<section", 'class="stack"', 'id="files"']


def test_names_and_contents_are_never_markup(admin_client, root):
    folder = root / "<u>"
    folder.mkdir()
    (folder / "script").write_text(HOSTILE)
    (folder / "link").symlink_to("<i>")
    page = page_of(admin_client, "/volumes/data/files/?path=/<u>")
    assert "&lt;u&gt;" in page
    assert "&lt;i&gt;" in page
    assert "<u>" not in page
    page = page_of(admin_client, "/volumes/data/files/shown/?path=/<u>/script")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert HOSTILE not in page


def test_a_picture_is_told_by_its_bytes_and_by_nothing_else(admin_client, root):
    (root / "photo").write_bytes(PIXEL)
    (root / "fake.png").write_text(HOSTILE)
    (root / "drawing.svg").write_text(f"<svg xmlns='http://www.w3.org/2000/svg'>{HOSTILE}</svg>")
    assert "<img" in page_of(admin_client, "/volumes/data/files/shown/?path=/photo")
    answer = admin_client.get("/volumes/data/files/picture/?path=/photo")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    for name in ("fake.png", "drawing.svg", "folder"):
        answer = admin_client.get(f"/volumes/data/files/picture/?path=/{name}")
        assert answer.status_code == 400


def test_a_picture_that_is_too_large_is_not_shown(admin_client, root):
    with (root / "photo").open("wb") as file:
        file.write(PIXEL)
        file.truncate(1 << 40)
    assert admin_client.get("/volumes/data/files/picture/?path=/photo").status_code == 413
    page = admin_client.get("/volumes/data/files/shown/?path=/photo").content.decode()
    assert "<img" not in page
    assert "neither text nor a picture" in page


def test_what_can_be_neither_read_nor_shown_is_only_downloaded(admin_client, root):
    (root / "bytes").write_bytes(b"\xff\x00")
    (root / "empty").touch()
    page = page_of(admin_client, "/volumes/data/files/shown/?path=/bytes")
    assert "neither text nor a picture" in page
    assert "The file is empty" in page_of(admin_client, "/volumes/data/files/shown/?path=/empty")


@pytest.mark.parametrize("view", ["", "shown/", "picture/"])
def test_problems_are_sentences(admin_client, root, view):
    for path, status in (("/..", 400), ("/no", 404)):
        answer = admin_client.get(f"/volumes/data/files/{view}?path={path}")
        assert answer.status_code == status
        assert ("out of the volume" if status == 400 else "holds no") in answer.content.decode()
