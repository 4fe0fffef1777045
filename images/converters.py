"""How an image is written in an address."""


class ImageConverter:
    """A name such as `ghcr.io/who/what:1.2`, a whole id or the beginning of one.

    Each part between slashes begins with a letter, a digit or `_`, so none leads elsewhere.
    """

    regex = r"[a-zA-Z0-9][a-zA-Z0-9_.:@-]*(?:/[a-zA-Z0-9_][a-zA-Z0-9_.:@-]*)*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
