"""The files of volumes as JSON, and as themselves."""

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.audit import record
from accounts.rights import needs
from containermonkey.downloads import content_response
from volumes.files import services
from volumes.files.types import Beginning, Folder

router = Router(tags=["Volumes"])

PageNumber = Annotated[int, Field(ge=1, le=10**6)]


class FolderFilter(Schema):
    """`path` is as `explore` spells it: bytes that are not UTF-8 as ``\\xNN``."""

    path: str = "/"
    page: PageNumber = 1


@router.get("/volume/{name}/explore", response=Folder)
def explore(request: HttpRequest, name: str, asked: Query[FolderFilter]) -> Folder:
    """A page of a hundred of what lies in a folder, by name; links are told and not followed.

    Names that are not UTF-8 have such bytes as ``\\xNN``, and a backslash as ``\\\\``.
    """
    return services.explore(name, asked.path, asked.page)


@router.get("/volume/{name}/file", response=Beginning)
@needs("volume.read_file")
def file(request: HttpRequest, name: str, path: str) -> Beginning:
    """The first MiB of a file: as text if it is UTF-8, else in base64."""
    beginning = services.beginning_of(name, path)
    record("volume.read_file", name, path=path)
    return beginning


@router.get("/volume/{name}/download", url_name="download_file")
@needs("volume.read_file")
def download(request: HttpRequest, name: str, path: str = "/") -> HttpResponseBase:
    """A file as itself, a folder as `.tar.gz`, streamed."""
    content = services.content_of(name, path)
    record("volume.read_file", name, path=path)
    return content_response(content)
