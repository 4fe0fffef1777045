"""What is hidden from those who may not read secrets.

Every value of the environment, whatever its name; and of labels, options of drivers and the words
of commands those that look like a secret, by their name or by themselves. Where the Engine's
answers become ours, the functions named `visible_…` are called: they hide from whoever lacks the
right `see_secrets` and give all others what they were given. So nothing hidden can be found by a
search either, which looks at what is shown.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from accounts.audit import current_actor
from accounts.models import Right

DOTS = "••••••"

SECRET_WORD = re.compile(
    r"pass|passwort|pwd|pin|pw|psk|secrets?|tokens?|keys?|credentials?|creds?|cookies?"
    r"|auth|authorization|authentication|bearer|jwt|dsn|salt|webhooks?|otp|totp|connstr"
)
"""Words of a name, each of which alone makes it the name of a secret."""

SECRET_PART = re.compile(
    r"pass(wor[dt]|wd|phrase|code)|secret|credential|token$|auth$"
    r"|(api|access|private|auth|crypt|encryption|signing|master|account|license|ssh|shared)key"
    r"|(?<!by)(?<!com)(?<!tres)(?<!over)(?<!under)pass$"
)
"""What makes a name that of a secret where several words are written as one: `REDISTOKEN`."""

HARMLESS_NAME = re.compile(r"public_?key|key_?(file_?)?(name|type|size|map|board)|sandboxkey", re.I)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")

# Labels come from whoever made an image: each of these takes time in proportion to the text.
IN_URL = re.compile(r"(?<=://)(?P<user>[^\s/?#@:]{0,200}):[^\s/?#]+(?=@)")
WITH_SCHEME = re.compile(r"\b(?P<scheme>bearer|basic|digest)\s+[\w.~+/=-]{6,}", re.I)
SETTING = re.compile(
    r"""(?<![\w.])(?P<name>[A-Za-z_][\w.-]{0,80})"?\s{0,9}(?:=|:(?=[\s"']))\s{0,9}"""
)
SET_TO = re.compile(r"""\\?"[^"\\]*(?:\\.[^"\\]*)*\\?"|'[^']*'|[^\s,;&"']+""")
OPTION = re.compile(r"(?P<flag>(?:^|(?<=\s))--?(?P<name>[A-Za-z][\w.-]{0,80})\s+)[^\s-]\S*")
FLAG = re.compile(r"--?(?P<name>[A-Za-z][\w.-]{0,80})")
KNOWN_SHAPE = re.compile(
    r"\bgh[opsur]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bsk-[\w-]{16,}"
    r"|\bxox[abprs]-[\w-]+|\bA[KS]IA[0-9A-Z]{16}\b|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|\$(?:apr1|2[aby]|[156]|argon2\w+)\$[^\s,;\"']+"
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*",
    re.DOTALL,
)
"""Tokens and hashes of passwords that are told by how they begin, and private keys."""

SHORT_OPTIONS = tuple(
    (re.compile(rf"\b(?:{program})"), re.compile(rf"(?P<flag>(?:^|(?<=\s)){option})"))
    for program, option in (
        ("mysql|mariadb", r"-p)(?P<secret>\S+"),
        ("redis-cli", r"-a\s+)(?P<secret>\S+"),
        ("sshpass", r"-p\s*)(?P<secret>\S+"),
        ("curl|wget", r"(?:-u\s*|--user[\s=]))(?P<secret>\S+:\S+"),
    )
)
"""Programs that take a secret after a letter, and where it stands."""

WORDS_OF_A_COMMAND = {"Cmd", "Entrypoint", "Test", "Args", "Shell", "OnBuild"}


# Who may read what


def hides_secrets() -> bool:
    """Whether secrets are hidden from whoever is asking."""
    return Right.SEE_SECRETS not in current_actor().rights


def visible_value(value: str) -> str | None:
    """A value of the environment; None where it is hidden."""
    return None if hides_secrets() else value


def visible_pairs(pairs: Mapping[str, str]) -> dict[str, str]:
    """Labels, or options of a driver, those hidden that look like secrets."""
    return masked_pairs(pairs) if pairs and hides_secrets() else dict(pairs)


def visible_words(words: Iterable[str], program: Iterable[str] = ()) -> list[str]:
    """The words of a command; `program` are those before them."""
    return masked_words(words, " ".join(program)) if hides_secrets() else list(words)


def visible_text(text: str) -> str:
    """A text in which secrets may stand, as in what ran or in how a command failed."""
    return masked_text(text) if hides_secrets() else text


def visible_document(document: Any) -> Any:
    """An inspect, or a part of one: a copy where anything has to be hidden."""
    return masked_document(document) if hides_secrets() else document


# What looks like a secret


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what is called so is a secret: `DB_PASSWORD`, `apiKey`, and not `KEYBOARD`."""
    words = [word.casefold() for word in WORD.findall(HARMLESS_NAME.sub("", name[-200:]))]
    if any(SECRET_WORD.fullmatch(word) or SECRET_PART.search(word) for word in words):
        return True
    return "connectionstring" in "".join(words)


def masked_pairs(pairs: Mapping[str, str]) -> dict[str, str]:
    return {name: masked_value(name, value) for name, value in pairs.items()}


def masked_value(name: str, value: str) -> str:
    """A value by its name; of one that is no secret as a whole, what in it looks like one."""
    if is_secret_name(name):
        return DOTS if value else value
    return masked_text(value)


def masked_text(text: str, program: str = "") -> str:
    """A text without what looks like a secret in it.

    That are passwords in addresses, settings such as `password=…`, options such as `--token …`,
    and what has the shape of a well-known token. `program` is what runs, where the text is a part
    of its command.
    """
    text = KNOWN_SHAPE.sub(DOTS, text)
    text = IN_URL.sub(rf"\g<user>:{DOTS}", text)
    text = WITH_SCHEME.sub(rf"\g<scheme> {DOTS}", text)
    text = masked_settings(text)
    text = OPTION.sub(masked_option, text)
    for option in short_options(program or text):
        text = option.sub(rf"\g<flag>{DOTS}", text)
    return text


def masked_settings(text: str) -> str:
    """A text in which what follows `password=` and `"token": ` is hidden."""
    shown, at = [], 0
    for found in SETTING.finditer(text):
        if found.start() < at or not is_secret_name(found["name"]):
            continue
        if value := SET_TO.match(text, found.end()):
            shown += [text[at : found.end()], DOTS]
            at = value.end()
    return "".join([*shown, text[at:]])


def masked_option(found: re.Match[str]) -> str:
    return f"{found['flag']}{DOTS}" if is_secret_name(found["name"]) else found[0]


def short_options(command: str) -> list[re.Pattern[str]]:
    return [option for program, option in SHORT_OPTIONS if program.search(command)]


def masked_words(words: Iterable[str], program: str = "") -> list[str]:
    """The words of a command; what follows `--password` as a word of its own is hidden too.

    `program` are words before these.
    """
    given = list(words)
    command = " ".join([program, *given])
    shown: list[str] = []
    before = ""
    for word in given:
        shown.append(DOTS if is_secret_after(before, word, command) else masked_text(word, command))
        before = word
    return shown


def is_secret_after(before: str, word: str, command: str) -> bool:
    """Whether a word is the value of the option before it, and that is a secret."""
    flag = FLAG.fullmatch(before)
    if flag is None or word.startswith("-"):
        return False
    pair = f"{before} {word}"
    return is_secret_name(flag["name"]) or any(
        option.fullmatch(pair) for option in short_options(command)
    )


def masked_document(document: Any, name: str = "", program: str = "") -> Any:
    """A copy of an inspect: of `Env` the names alone, and without what looks like a secret."""
    if isinstance(document, dict):
        runs = " ".join(document.get("Entrypoint") or [str(document.get("Path") or "")])
        return {key: masked_document(value, key, runs) for key, value in document.items()}
    if isinstance(document, list):
        if name == "Env":
            return [f"{text.partition('=')[0]}={DOTS}" for text in document]
        if name in WORDS_OF_A_COMMAND:
            return masked_words(document, program)
        return [masked_document(each) for each in document]
    return masked_value(name, document) if isinstance(document, str) else document
