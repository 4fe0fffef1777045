"""Images as a real server gets and gives them: large, slowly, cut short."""

import contextlib
import gzip
import http.client
import os
import random
import sqlite3
import tarfile

import pytest

from tests import images
from tests.backups.person import peak_memory, web_process
from tests.image_transfer.conftest import ADDRESS, brought, saved
from tests.waiting import wait_for

LARGE = 300 << 20


@pytest.fixture
def large(docker, tmp_path):
    """The file of an image of 300 MiB that nothing makes smaller."""
    root = tmp_path / "root.tar"
    entry = tarfile.TarInfo("large")
    entry.size = LARGE
    with root.open("wb") as file:
        file.write(entry.tobuf())
        for _ in range(LARGE >> 20):
            file.write(random.randbytes(1 << 20))
        file.write(bytes(1024))
    docker.import_image_from_file(str(root), repository="large", tag="1")
    root.unlink()
    return "large:1"


def written(person, path, reference):
    """Download an image into a file; how many bytes came."""
    call = person.connection()
    call.request("GET", f"/images/export/?id={reference}", headers=person.headers)
    answer = call.getresponse()
    assert answer.status == 200
    with path.open("wb") as file:
        while piece := answer.read(1 << 20):
            file.write(piece)
    call.close()
    return path


def test_memory_stays_flat_both_ways(site, person, docker, large, tmp_path):
    images.build(docker, "small:1")
    person.upload(brought(tmp_path / "small.tar", saved(docker, "small:1")), ADDRESS)
    written(person, tmp_path / "small.tar", "small:1")
    pid = web_process(site)
    before = peak_memory(pid)
    path = written(person, tmp_path / "large.tar", large)
    assert path.stat().st_size > LARGE
    made = docker.inspect_image(large)["Id"]
    docker.remove_image(large)
    status, told = person.upload(path, ADDRESS)
    assert (status, told["images"][0]["id"]) == (201, made)
    docker.remove_image(large)
    packed = tmp_path / "large.tar.gz"
    with path.open("rb") as source, gzip.open(packed, "wb", compresslevel=0) as target:
        while piece := source.read(1 << 20):
            target.write(piece)
    assert person.upload(packed, ADDRESS)[0] == 201
    assert docker.inspect_image(large)["Id"] == made
    assert peak_memory(pid) - before < 60 << 20


def test_an_engine_that_fails_on_the_way_breaks_the_download_off(site, person, large, engine):
    call = person.connection()
    call.request("GET", f"/api/images/export?ids={large}", headers=person.headers)
    answer = call.getresponse()
    assert answer.read(1 << 20)
    engine.kill()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    call.close()
    engine.start()
    assert site.is_well()


def trail(site) -> list[tuple[str, str]]:
    """The acts in the audit trail of a site, and what came of them."""
    with contextlib.closing(sqlite3.connect(site.database, timeout=20)) as connection:
        return connection.execute("SELECT action, result FROM accounts_auditentry").fetchall()


def test_of_an_upload_that_is_cut_short_nothing_stays(site, person, docker):
    images.build(docker, "shop:1", files={"large": os.urandom(8 << 20)})
    content = saved(docker, "shop:1")
    docker.remove_image("shop:1")
    before = docker.images(all=True)
    with person.uploading("shop.tar", len(content), ADDRESS) as call:
        call.send(content[: 4 << 20])
    wait_for(lambda: ("image.import", "failed") in trail(site), "the upload to be given up")
    assert docker.images(all=True) == before
    assert site.is_well()


def test_a_stranger_is_refused_before_anything_is_read(site, person):
    with person.uploading("x.tar", 1 << 30, ADDRESS, Cookie="") as call:
        answer = call.getresponse()
        assert answer.status == 401
