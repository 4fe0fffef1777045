"""A program that tells the words of a source text: its name is the argument, its text comes in.

A process of its own, because a text can be made so that a lexer takes for ever over it, and nothing
but a kill ends that. What comes out is JSON: pairs of a kind, which may be empty, and a text.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename, guess_lexer
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    String,
    Token,
    _TokenType,
)
from pygments.util import ClassNotFound

MOST_MEMORY = 512 << 20
MOST_SECONDS = 5

KINDS: dict[_TokenType, str] = {
    Comment: "comment",
    Keyword: "keyword",
    Name.Attribute: "name",
    Name.Builtin: "keyword",
    Name.Class: "name",
    Name.Decorator: "name",
    Name.Function: "name",
    Name.Namespace: "name",
    Name.Tag: "keyword",
    Name.Variable: "name",
    Number: "number",
    Literal.Date: "number",
    Literal.Scalar: "text",
    String: "text",
    Generic.Deleted: "removed",
    Generic.Heading: "keyword",
    Generic.Inserted: "added",
    Generic.Subheading: "keyword",
}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    text = sys.stdin.buffer.read().decode()
    lexer = lexer_of(sys.argv[1], text)
    words = lexer.get_tokens(text) if lexer else [(Token, text)]
    json.dump(list(joined(words)), sys.stdout)


def lexer_of(name: str, text: str) -> Lexer | None:
    """The one that the name asks for, or the first line of a script."""
    as_it_is = {"stripnl": False, "ensurenl": False}
    try:
        return get_lexer_for_filename(name, text, **as_it_is)
    except ClassNotFound:
        pass
    try:
        return guess_lexer(text[:200], **as_it_is) if text.startswith("#!") else None
    except ClassNotFound:
        return None


def joined(words: Iterable[tuple[_TokenType, str]]) -> Iterator[tuple[str, str]]:
    """The words, those of one kind that follow each other as one."""
    for kind, same in groupby(words, key=lambda word: kind_of(word[0])):
        yield kind, "".join(text for _, text in same)


def kind_of(token: _TokenType) -> str:
    while token is not Token:
        if token in KINDS:
            return KINDS[token]
        token = token.parent
    return ""


if __name__ == "__main__":
    main()
