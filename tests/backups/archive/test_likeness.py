"""Two tars of one tree are alike, and what differs makes a difference."""

import pytest

from backups.archive.errors import DamagedStream
from backups.archive.likeness import likeness
from tests.backups.archive.tars import entry, in_chunks, some_volume, tar_of, volume_tar

ROOT = "volumes/data"


def of(*entries, key: str = "data"):
    return likeness(key, in_chunks(tar_of(entry(f"volumes/{key}/", type=b"5"), *entries), 700))


def test_a_tree_is_like_itself_in_any_pieces():
    whole = some_volume()
    assert likeness("data", [whole]) == likeness("data", in_chunks(whole, 513))


def test_the_order_of_the_entries_does_not_matter():
    one, two = entry(f"{ROOT}/one", b"1"), entry(f"{ROOT}/two", b"22")
    assert of(one, two) == of(two, one)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [entry(f"{ROOT}/other", b"text")],
        [entry(f"{ROOT}/file", b"longer text")],
        [entry(f"{ROOT}/file", b"text", mode=0o600)],
        [entry(f"{ROOT}/file", b"text", uid=7)],
        [entry(f"{ROOT}/file", b"text", gid=7)],
        [entry(f"{ROOT}/file", type=b"2", linkname="text")],
        [entry(f"{ROOT}/file", b"text"), entry(f"{ROOT}/more", b"")],
    ],
)
def test_every_difference_counts(other):
    assert of(entry(f"{ROOT}/file", b"text")) != of(*other)


def test_times_do_not():
    assert of(entry(f"{ROOT}/file", b"x", mtime=1)) == of(entry(f"{ROOT}/file", b"x", mtime=2))


def test_a_tar_that_is_cut_is_like_nothing():
    whole = volume_tar("data", entry(f"{ROOT}/file", b"text"))
    with pytest.raises(DamagedStream):
        likeness("data", [whole[:-1024]])
