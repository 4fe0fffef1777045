"""What is brought is loaded, or nothing of it is kept."""

import gzip
import io
import os
import random
import tarfile
from collections import namedtuple

import pytest

from accounts.models import AuditEntry
from backups.archive.tarwalk import TarWalker
from containermonkey.problems import EngineUnreachable, Invalid, NoSpace, TooLarge
from images.transfer.importing import import_images
from images.transfer.tars import Bound, plain_tar
from tests import images
from tests.image_transfer.conftest import changed, described, saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(docker) -> bytes:
    """The tar of an image that is not on the host any more."""
    images.build(docker, "shop:1", ["LABEL a=b"], {"large": os.urandom(3 << 20)})
    content = saved(docker, "shop:1")
    docker.remove_image("shop:1")
    return content


def in_pieces(content: bytes, size: int = 1 << 16):
    for at in range(0, len(content), size):
        yield content[at : at + size]


def state_of(docker) -> dict[str, list[str]]:
    return {row["Id"]: sorted(row["RepoTags"] or []) for row in docker.images(all=True)}


@pytest.mark.parametrize("size", [100, 511, 1 << 16, 8 << 20])
def test_a_tar_is_loaded_whatever_its_pieces(docker, shop, size):
    imported = import_images("shop.tar", in_pieces(shop, size))
    (image,) = imported.images
    found = docker.inspect_image("shop:1")
    assert (image.id, image.tags, image.is_new) == (found["Id"], ["shop:1"], True)
    assert image.size == found["Size"]
    assert imported.moved == []


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress,
        lambda tar: gzip.compress(tar[:100_000]) + gzip.compress(tar[100_000:]),
        lambda tar: gzip.compress(tar) + bytes(512),
    ],
    ids=["one member", "two members", "padded"],
)
def test_a_gzipped_one_is_unpacked_on_the_way(docker, shop, packed):
    import_images("shop.tar.gz", in_pieces(packed(shop), 1000))
    assert docker.inspect_image("shop:1")


def test_one_without_a_name_is_told_by_its_id(docker):
    made = images.build(docker, "shop:1", ["LABEL nameless=1"])
    content = saved(docker, made)
    docker.remove_image("shop:1")
    (image,) = import_images("x.tar", in_pieces(content)).images
    assert (image.id, image.tags, image.is_new) == (made, [], True)


def test_several_come_at_once(docker):
    images.build(docker, "shop:1", ["LABEL a=1"])
    images.build(docker, "shop:2", ["LABEL a=2"])
    docker.tag("shop:2", "shop", "newest")
    content = saved(docker, "shop:1", "shop:2", "shop:newest")
    for tag in ("shop:1", "shop:2", "shop:newest"):
        docker.remove_image(tag)
    imported = import_images("shop.tar", in_pieces(content))
    assert sorted(sorted(image.tags) for image in imported.images) == [
        ["shop:1"],
        ["shop:2", "shop:newest"],
    ]


def test_what_is_here_already_is_said(docker, shop):
    import_images("shop.tar", in_pieces(shop))
    imported = import_images("shop.tar", in_pieces(shop))
    assert [image.is_new for image in imported.images] == [False]
    assert list(imported.done) == ["shop:1 was here already"]


def test_a_tag_that_moves_is_said(docker, shop):
    other = images.build(docker, "shop:1", ["LABEL other=1"])
    imported = import_images("shop.tar", in_pieces(shop))
    assert [(moved.tag, moved.image_id) for moved in imported.moved] == [("shop:1", other)]
    assert docker.inspect_image(other)["RepoTags"] == []
    assert list(imported.done) == ["Imported shop:1"]
    (warning,) = imported.warnings
    assert warning.startswith(f"shop:1 meant another image before ({other[7:19]})")


def test_it_is_in_the_audit_trail(shop):
    import_images("shop.tar", in_pieces(shop))
    with pytest.raises(Invalid):
        import_images("cut.tar", in_pieces(shop[:9000]))
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "target", "result")) == [
        ("image.import", "shop.tar", "done"),
        ("image.import", "cut.tar", "failed"),
    ]


def tar_of_other_things() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("readme.txt"), io.BytesIO())
    return target.getvalue()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda tar: b"", "empty"),
        (lambda tar: b"x", "no tar"),
        (lambda tar: random.Random(1).randbytes(100_000), "no tar"),
        (lambda tar: b"<html>" * 1000, "no tar"),
        (lambda tar: tar[: len(tar) // 2], "not a whole one"),
        (lambda tar: tar[:-1024].rstrip(b"\0"), "not a whole one"),
        (lambda tar: tar + b"more", "not a whole one"),
        (lambda tar: gzip.compress(tar)[:-9], "not a whole one|cut off"),
        (lambda tar: gzip.compress(tar)[: len(tar) // 2], "cut off|not a whole one"),
        (lambda tar: gzip.compress(tar)[:-3], "cut off"),
        (lambda tar: gzip.compress(tar)[:-8] + b"12345678", "broken"),
        (lambda tar: b"\x1f\x8b" + tar, "broken"),
        (lambda tar: gzip.compress(gzip.compress(tar)), "no tar"),
        (lambda tar: b"\x28\xb5\x2f\xfd" + tar, "zstd"),
        (lambda tar: b"\xfd7zXZ\0" + tar, "xz"),
        (lambda tar: b"PK\x03\x04" + tar, "zip"),
        (lambda tar: tar_of_other_things(), "not one of images"),
        (lambda tar: changed(tar, manifest=[{"Config": "nothing", "Layers": []}]), "does not take"),
        (lambda tar: changed(tar, manifest={"a": "b"}), "does not take"),
        (lambda tar: changed(tar, without=described(tar)[0]["Layers"][0]), "does not take"),
    ],
)
def test_what_is_not_sound_is_refused_and_nothing_of_it_is_kept(docker, shop, spoil, words):
    images.build(docker, "stays:1", ["LABEL stays=1"])
    before = state_of(docker)
    with pytest.raises(Invalid, match=words) as caught:
        import_images("shop.tar", in_pieces(spoil(shop)))
    assert list(caught.value.fields) == ["file"]
    assert caught.value.status == 400
    assert state_of(docker) == before


@pytest.mark.parametrize(
    ("setting", "free", "problem", "words"),
    [
        (40_000, 1 << 40, TooLarge, "more than 39.1 KiB"),
        (1 << 40, 80_000, NoSpace, "more than fits on the host"),
    ],
)
def test_what_unpacks_to_more_than_it_may_is_given_up_on_the_way(
    docker, shop, settings, monkeypatch, setting, free, problem, words
):
    settings.LARGEST_IMPORT = setting
    disk = namedtuple("Disk", "free")(free)
    monkeypatch.setattr("images.transfer.importing.shutil.disk_usage", lambda place: disk)
    monkeypatch.setattr("images.transfer.tars.PIECE", 10_000)
    before = state_of(docker)
    with pytest.raises(problem, match=words):
        import_images("shop.tar.gz", in_pieces(gzip.compress(shop)))
    assert state_of(docker) == before
    assert import_images("shop.tar", in_pieces(shop)).images


@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:-3], lambda packed: packed[:-8] + b"12345678"]
)
def test_an_engine_sees_no_end_of_what_is_broken_at_its_very_end(docker, shop, spoil):
    seen = TarWalker()
    with pytest.raises(Invalid):
        for piece in plain_tar([spoil(gzip.compress(shop))], Bound(1 << 30, Invalid("large"))):
            seen.feed(piece)
    assert seen.position
    assert seen.content_end is None


def test_where_the_second_is_broken_the_first_is_taken_back(docker, shop):
    images.build(docker, "first:1", ["LABEL first=1"])
    images.build(docker, "moves:1", ["LABEL moves=old"])
    first = saved(docker, "first:1")
    docker.tag("first:1", "moves", "1")
    docker.tag("first:1", "brought", "1")
    two = saved(docker, "first:1", "moves:1", "brought:1")
    docker.remove_image("brought:1")
    docker.remove_image("moves:1")
    docker.remove_image("first:1")
    old = images.build(docker, "moves:1", ["LABEL moves=old"])
    before = state_of(docker)
    broken = [*described(two), {**described(first)[0], "Config": "nothing"}]
    with pytest.raises(Invalid, match="does not take"):
        import_images("two.tar", in_pieces(changed(two, manifest=broken)))
    assert state_of(docker) == before
    assert docker.inspect_image("moves:1")["Id"] == old


def test_an_engine_that_is_away_is_said(engine, shop):
    engine.kill()
    with pytest.raises(EngineUnreachable):
        import_images("shop.tar", in_pieces(shop))
