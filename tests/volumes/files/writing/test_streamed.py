"""Files as a real server gets and sends them: piece by piece, cut short, large."""

import http.client
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.backups.person import TAIL, Person, peak_memory, web_process
from tests.waiting import wait_for

ADDRESS = "/api/volume/data/upload?path=/folder"


@pytest.fixture
def person(site) -> Person:
    """Somebody at the running program."""
    return Person(site)


def nameless(site, folder: Path) -> list[int]:
    """The sizes of the files in a folder that the server writes and that have no name."""
    sizes = []
    for opened in Path(f"/proc/{web_process(site)}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            target = str(opened.readlink())
            if target.startswith(str(folder)) and "#" in target:
                sizes.append(opened.stat().st_size)
    return sizes


def test_memory_stays_flat_and_a_file_has_its_name_when_it_is_whole(site, person, root):
    folder, size = root / "folder", 200 << 20
    with person.uploading("warm", 4, ADDRESS) as call:
        call.send(b"warm" + TAIL)
        assert call.getresponse().status == 201
    before = peak_memory(web_process(site))
    with person.uploading("large", size, ADDRESS) as call:
        for _ in range(150):
            call.send(bytes(1 << 20))
        wait_for(lambda: max(nameless(site, folder), default=0) > 100 << 20, "it to arrive")
        assert sorted(os.listdir(folder)) == ["below", "second", "warm"]
        for _ in range(50):
            call.send(bytes(1 << 20))
        call.send(TAIL)
        answer = call.getresponse()
        assert answer.status == 201
        assert json.load(answer)["entries"][0]["size"] == size
    assert (folder / "large").stat().st_size == size
    assert peak_memory(web_process(site)) - before < 64 << 20


def test_of_one_that_is_cut_off_nothing_stays(site, person, root):
    folder = root / "folder"
    with person.uploading("cut", 10 << 20, ADDRESS) as call:
        call.send(bytes(4 << 20))
        wait_for(lambda: nameless(site, folder), "it to begin")
    wait_for(lambda: not nameless(site, folder), "it to be removed")
    assert sorted(os.listdir(folder)) == ["below", "second"]
    assert site.is_well()


def test_what_does_not_fit_is_refused_before_it_comes(person, root):
    with person.uploading("huge", 1 << 50, ADDRESS) as call:
        call.send(bytes(1 << 16))
        assert call.getresponse().status == 507
    assert sorted(os.listdir(root / "folder")) == ["below", "second"]


def test_a_stranger_is_refused_before_anything_is_kept(person, root):
    with person.uploading("x", 1 << 30, ADDRESS, Cookie="") as call:
        assert call.getresponse().status == 401
    assert sorted(os.listdir(root / "folder")) == ["below", "second"]


@pytest.mark.parametrize("path", ["/large", "/"])
def test_a_file_that_becomes_shorter_is_a_download_that_is_not_whole(person, root, path):
    size = 64 << 20
    with (root / "large").open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
    call = person.connection()
    call.request("GET", f"/api/volume/data/download?path={path}", headers=person.headers)
    answer = call.getresponse()
    assert answer.status == 200
    answer.read(1 << 20)
    os.truncate(root / "large", 2 << 20)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        received = len(answer.read())
        assert received == size, "it ended as if it were whole"
    call.close()


def test_memory_stays_flat_where_a_helper_writes(make_site, docker, busybox, tmp_path):
    folder, size = tmp_path / "volume", 80 << 20
    (folder / "folder").mkdir(parents=True)
    options = {"type": "none", "device": str(folder), "o": "bind"}
    docker.create_volume("data", driver="local", driver_opts=options)
    site = make_site(CONTAINERMONKEY_HELPER_IMAGE=busybox)
    person = Person(site)
    with person.uploading("warm", 4, ADDRESS) as call:
        call.send(b"warm" + TAIL)
        assert call.getresponse().status == 201
    before = peak_memory(web_process(site))
    with person.uploading("large", size, ADDRESS) as call:
        for _ in range(80):
            call.send(bytes(1 << 20))
        assert os.listdir(folder / "folder") == ["warm"]
        call.send(TAIL)
        assert call.getresponse().status == 201
    assert (folder / "folder" / "large").stat().st_size == size
    call = person.connection()
    call.request("GET", "/api/volume/data/download?path=/folder/large", headers=person.headers)
    answer, received = call.getresponse(), 0
    while piece := answer.read(1 << 20):
        received += len(piece)
    call.close()
    assert received == size
    assert peak_memory(web_process(site)) - before < 64 << 20
    with person.uploading("cut", 10 << 20, ADDRESS) as call:
        call.send(bytes(4 << 20))
        wait_for(lambda: list(folder.glob(".*.partial/file")), "it to begin")
    wait_for(lambda: os.listdir(folder) == ["folder"], "what was cut off to be removed")
    wait_for(lambda: docker.containers(all=True) == [], "the helper to be removed")
    assert sorted(os.listdir(folder / "folder")) == ["large", "warm"]
