"""What an Engine that fails on the way sends, which a healthy one cannot be made to."""

import pytest

from containermonkey.problems import EngineRefused
from images.transfer.tars import whole
from tests import images

FAILURE = b'{"errorDetail":{"message":"disk"},"error":"disk"}\r\n'


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tar: tar[:700] + FAILURE,
        lambda tar: tar[:1024] + FAILURE,
        lambda tar: tar[:1024],
        lambda tar: FAILURE,
        lambda tar: b"",
    ],
)
def test_a_tar_that_does_not_end_as_one_is_no_download_that_ends(spoil):
    tar = images.tar_of({"manifest.json": b"[]"})
    given = whole([spoil(tar)])
    with pytest.raises(EngineRefused, match="could not export all of it"):
        b"".join(given)


def test_a_whole_one_goes_through_as_it_is():
    tar = images.tar_of({"manifest.json": b"[]", "layer.tar": bytes(5000)})
    assert b"".join(whole([bytearray(tar[:700]), memoryview(tar)[700:]])) == tar
