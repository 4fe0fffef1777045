"""Files that are uploaded, handed on piece by piece as they come in.

Django reads a form to its end, files and all, before a view sees any of it; an archive would lie on
the disk twice. At the addresses named here only what stands before the first file is read, which is
where the CSRF token is, so that who is asking is settled before anything is kept.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import (
    FIELD,
    FILE,
    LazyStream,
    MultiPartParserError,
    Parser,
)
from django.utils.datastructures import MultiValueDict

from containermonkey.problems import Invalid, Problem

ADDRESSES = re.compile(
    r"/api/upload-[a-z-]+|/backups/(networks/)?upload/|/(api/images/import|images/import/)"
    r"|/api/volume/[^/]+/upload|/volumes/[^/]+/files/upload/"
)
PIECE = 1 << 20
MOST_FIELDS = 20
LONGEST_FIELD = 4096


class UploadBroken(Problem):
    status, code = 400, "upload_broken"


class LengthRequired(Problem):
    status, code = 411, "length_required"


class NotAForm(Problem):
    status, code = 415, "unsupported_media_type"


def takes_files(path: str) -> bool:
    """Whether uploads go to this address, so that its body is read by its view alone."""
    return ADDRESSES.fullmatch(path) is not None


class IncomingFile:
    """A file on its way: `name` as it is called where it comes from. Its pieces come once."""

    def __init__(self, field: str, name: str, content: LazyStream) -> None:
        self.field, self.name, self._content = field, name, content

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._content
        except OSError:
            raise UploadBroken("The connection ended before the file had arrived whole.") from None
        except MultiPartParserError:
            raise not_readable() from None


class HoldFiles(FileUploadHandler):
    """Reads the form as far as its first file, and leaves the rest for `incoming_files`."""

    rest: Iterator[IncomingFile] = iter(())

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: int,
        boundary: str | bytes,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict]:
        fields = QueryDict(mutable=True)
        separator = boundary if isinstance(boundary, bytes) else boundary.encode()
        parts = parts_of(input_data, separator)
        for part in parts:
            if isinstance(part, IncomingFile):
                self.rest = files_from(part, parts)
                break
            fields.appendlist(*part)
        return fields, MultiValueDict()


def parts_of(body: IO[bytes], boundary: bytes) -> Iterator[IncomingFile | tuple[str, str]]:
    """The files and the (name, value) of the fields of a form, in their order."""
    fields, pieces = 0, iter(lambda: body.read(PIECE), b"")
    stream = LazyStream(pieces)  # type: ignore[arg-type]  # takes any iterator of bytes
    for kind, headers, content in Parser(stream, boundary):
        name = option(headers, "name").strip()
        if kind == FILE:
            yield IncomingFile(name, base_name(option(headers, "filename")), content)
        elif kind == FIELD:
            fields += 1
            value = content.read(LONGEST_FIELD + 1)
            if fields > MOST_FIELDS or len(value) > LONGEST_FIELD:
                # Django's own: the check of the token reads this too, where a Problem has no page.
                raise RequestDataTooBig("There is too much in this form beside its files.")
            yield name, value.decode(errors="replace")
        for _ in content:
            pass  # what nobody wanted


def files_from(
    first: IncomingFile, parts: Iterator[IncomingFile | tuple[str, str]]
) -> Iterator[IncomingFile]:
    yield first
    for part in parts:
        if isinstance(part, IncomingFile):
            yield part


def option(headers: Mapping[str, Any], name: str) -> str:
    """What the head of a part says of it."""
    value = headers.get("content-disposition", ("", {}))[1].get(name, b"")
    return value.decode(errors="replace")


def base_name(filename: str) -> str:
    """A name without folders and without what cannot be seen."""
    name = re.split(r"[/\\]", html.unescape(filename))[-1]
    return "".join(letter for letter in name if letter.isprintable())


class StreamedUploads:
    """Keeps files out of Django's own reading of a form; before the check of the CSRF token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if takes_files(request.path):
            request.upload_handlers = [HoldFiles(request)]
        return self.get_response(request)


def incoming_files(request: HttpRequest) -> Iterator[IncomingFile]:
    """The files of a form, one after the other, each to be read before the next.

    Raise NotAForm, LengthRequired, Invalid where it is not readable, or UploadBroken.
    """
    if request.content_type != "multipart/form-data":
        raise NotAForm("Send the file as multipart/form-data, in a field named file.")
    if "Content-Length" not in request.headers:
        raise LengthRequired("Say with Content-Length how much will be sent.")
    try:
        _ = request.POST  # has the handler read as far as the first file
        for handler in request.upload_handlers:
            if isinstance(handler, HoldFiles):
                yield from handler.rest
    except MultiPartParserError:
        raise not_readable() from None
    except OSError:
        raise UploadBroken("The connection ended before everything had arrived.") from None


class OnlyFile(IncomingFile):
    """The one file of a form: where another follows, its pieces end in Invalid."""

    def __init__(self, file: IncomingFile, others: Iterator[IncomingFile]) -> None:
        super().__init__(file.field, file.name, file._content)
        self._others = others

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        if any(other.field == self.field for other in self._others):
            raise Invalid("Send one file at a time.", fields={"file": "must be one file"})


def the_file(files: Iterable[IncomingFile]) -> IncomingFile:
    """The file in the field `file` of a form, and the only one. Raise Invalid if it has none."""
    files = iter(files)
    for file in files:
        if file.field == "file":
            return OnlyFile(file, files)
    raise Invalid("The form has no file in it.", fields={"file": "is missing"})


def announced(request: HttpRequest) -> int:
    """How many bytes the client says it sends; 0 where it does not."""
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def not_readable() -> Invalid:
    return Invalid("The form could not be read.")
