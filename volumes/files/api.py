"""The files of volumes as JSON, and as themselves."""

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

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
def file(request: HttpRequest, name: str, path: str) -> Beginning:
    """The first MiB of a file: as text if it is UTF-8, else in base64."""
    return services.beginning_of(name, path)


@router.get("/volume/{name}/download", url_name="download_file")
def download(request: HttpRequest, name: str, path: str = "/") -> HttpResponseBase:
    """A file as itself, a folder as `.tar.gz`, streamed."""
    return content_response(services.content_of(name, path))
