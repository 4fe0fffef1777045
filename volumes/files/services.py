"""Looking into a volume, whether it is in use or not."""

from containermonkey.downloads import Content
from volumes.files.paths import inner
from volumes.files.types import Beginning, Folder
from volumes.files.ways import place_of


def explore(name: str, path: str = "/", page: int = 1) -> Folder:
    """A page, from 1, of what lies in a folder of a volume, in the order of the names.

    Raise Invalid if the path leads out of the volume or to no folder, NotFound if there is none.
    """
    within = inner(path)
    return place_of(name).explore(within, page)


def beginning_of(name: str, path: str) -> Beginning:
    """The first MiB of a file: as text if it is UTF-8, else in base64.

    Raise Invalid if the path leads out of the volume or to no file, NotFound if there is none.
    """
    within = inner(path)
    return place_of(name).beginning_of(within)


def content_of(name: str, path: str) -> Content:
    """A file of a volume as itself, or a folder as a `.tar.gz`.

    Raise Invalid if the path leads out of the volume or to neither, NotFound if there is none.
    """
    within = inner(path)
    return place_of(name).content_of(within)
