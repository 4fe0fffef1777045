"""Names that cannot exist, and that must not lead anywhere."""

from urllib.parse import quote

ODD_NAMES = [
    "nothing",
    'it\'s "quoted"',
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a/b",
    "new\nline",
    "<script>alert(1)</script>",
    "nul\0byte",
    " ",
    "%",
    "ünïcödé \N{PILE OF POO}",
    "-rf",
    "a" * 2000,
]


def quoted(name: str) -> str:
    """The name as a part of an address, with nothing in it that separates parts."""
    return quote(name, safe="")
