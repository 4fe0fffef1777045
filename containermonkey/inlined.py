"""Takes pictures out of a style sheet that has them in its text.

A Content-Security-Policy that lets a page show `data:` would let whatever gets into it show that
too, so the pictures become files.
"""

import base64
import re
from urllib.parse import unquote_to_bytes

URL = re.compile(r"""url\(("(?:\\.|[^"\\])*"|[^")]*)\)""")
KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


def taken_apart(style: str, prefix: str) -> tuple[str, dict[str, bytes]]:
    """The style sheet with names of files in it, and the files.

    Raise ValueError for a picture of a kind that is not known.
    """
    files: dict[str, bytes] = {}

    def as_file(found: re.Match[str]) -> str:
        address = re.sub(r"\\(.)", r"\1", found[1].strip('"'))
        if not address.startswith("data:"):
            return found[0]
        kind, content = picture(address)
        name = next((name for name, known in files.items() if known == content), "")
        name = name or f"{prefix}-{len(files) + 1}.{KINDS[kind]}"
        files[name] = content
        return f'url("{name}")'

    return URL.sub(as_file, style), files


def picture(address: str) -> tuple[str, bytes]:
    """Kind and content of a `data:` address."""
    head, _, text = address.removeprefix("data:").partition(",")
    kind, *parameters = head.split(";")
    if kind not in KINDS:
        raise ValueError(f"{kind} in a style sheet is no picture that is known")
    return kind, base64.b64decode(text) if "base64" in parameters else unquote_to_bytes(text)
