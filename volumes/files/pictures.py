"""Pictures of a volume, as a browser may show them."""

import base64

from containermonkey.downloads import Content
from containermonkey.problems import Invalid, TooLarge
from volumes.files.services import beginning_of, content_of
from volumes.files.types import Beginning

LARGEST = 32 << 20
"""Bytes of a picture that is shown."""

BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def kind_of(file: Beginning) -> str:
    """The type of a picture by its first bytes; empty for what is none.

    By no means by its name. SVG is none: it is a document, with links and scripts.
    """
    if file.encoding == "utf-8":
        return ""
    start = base64.b64decode(file.content[:64])
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for known, kind in BEGINNINGS if start.startswith(known)), "")


def fits(file: Beginning) -> bool:
    """Whether it is a picture, and not too large to be shown."""
    return file.size <= LARGEST and bool(kind_of(file))


def picture_of(name: str, path: str) -> tuple[str, Content]:
    """The type and the content of a picture in a volume.

    Raise Invalid if it is none, TooLarge if it is one that no page should show.
    """
    file = beginning_of(name, path)
    kind = kind_of(file)
    if not kind:
        raise Invalid("This is no picture that can be shown.")
    if file.size > LARGEST:
        raise TooLarge("The picture is too large to be shown; download it.")
    return kind, content_of(name, path)
