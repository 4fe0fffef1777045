"""What jobs say, as every database takes it."""


def storable(text: str) -> str:
    """The text, with what no database stores (zero bytes, halves of characters) spelled out.

    It comes from containers, files and the Engine; and what cannot be written down must not keep
    a job from ending.
    """
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
