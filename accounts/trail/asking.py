"""Which lines of the audit trail are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Self

from django.db import connection
from django.db.models import Q

from accounts.models import AuditEntry
from containermonkey.asked_times import seconds_in, wrong
from containermonkey.problems import Invalid

LAST_LETTER = "\U0010ffff"

COLUMNS = {"user": "username", "act": "action", "target": "target", "address": "address"}
"""What is asked for by the whole of it, or by its beginning and `*`."""

NOBODY = "-"
"""Asks for lines of which nobody is known to be the author, as of failed sign-ins."""


@dataclass(frozen=True)
class Asked:
    """Which lines; what is empty or None is not chosen among.

    `user`, `act`, `target` and `address` are whole, or a beginning with `*` after it.
    """

    user: str = ""
    act: str = ""
    target: str = ""
    address: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Self:
        """Of the words of a form. Raise Invalid, naming each field that is at fault."""
        reading = Reading.of(words)
        if reading.wrong:
            raise Invalid(
                " ".join(f"{name.capitalize()} {why}." for name, why in reading.wrong.items()),
                fields=reading.wrong,
            )
        return cls(**vars(reading.asked))

    @property
    def condition(self) -> Q:
        found = Q()
        for name, column in COLUMNS.items():
            if text := getattr(self, name):
                found &= fits(column, "" if text == NOBODY else text)
        if self.result:
            found &= Q(result=self.result)
        if self.since:
            found &= Q(time__gte=self.since)
        if self.until:
            found &= Q(time__lte=self.until)
        return found


NAMES = tuple(each.name for each in fields(Asked))


@dataclass(frozen=True)
class Reading:
    """What a page was asked for; what makes no sense is left out, and said in `wrong`."""

    asked: Asked
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Self:
        plain = {name: words.get(name, "").strip()[:300] for name in NAMES}
        faults: dict[str, str] = {}
        for name in COLUMNS:
            if "\0" in plain[name]:
                plain[name] = ""
                faults[name] = "cannot hold such a character"
        if plain["result"] not in {"", *AuditEntry.Result.values}:
            plain["result"] = ""
            faults["result"] = "must be done or failed"
        since, until = (time_of(name, plain.pop(name), faults) for name in ("since", "until"))
        if since and until and until < since:
            faults["until"] = "must not be before since"
        return cls(Asked(**plain, since=since, until=until), faults)


def time_of(name: str, text: str, faults: dict[str, str]) -> datetime | None:
    try:
        seconds = seconds_in(name, text)
        return datetime.fromtimestamp(float(seconds), UTC) if seconds else None
    except Invalid as problem:
        faults |= problem.fields
    except (ValueError, OverflowError):
        faults[name] = "is too far away"
    return None


def fits(column: str, text: str) -> Q:
    """Those that are `text`, or begin with it where it ends with `*`."""
    beginning = text.removesuffix("*")
    if beginning == text:
        return Q(**{column: text})
    if connection.vendor == "sqlite":
        # Its LIKE takes no index, and no difference between upper and lower case.
        return Q(**{f"{column}__gte": beginning, f"{column}__lt": beginning + LAST_LETTER})
    return Q(**{f"{column}__startswith": beginning})


@dataclass(frozen=True)
class Place:
    """Where a page begins or ends: at a line that need not be there any more."""

    time: datetime
    key: int

    @classmethod
    def of(cls, word: str, name: str = "before") -> Self | None:
        """Of `1772366400000000-17`, microseconds and a key. Raise Invalid for anything else."""
        if not word:
            return None
        micros, _, key = word.partition("-")
        if not (micros.isascii() and micros.isdigit() and key.isascii() and key.isdigit()):
            raise wrong(name, "must be what an answer gave")
        try:
            seconds, rest = divmod(int(micros), 1_000_000)
            time = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
        except (ValueError, OverflowError):
            raise wrong(name, "must be what an answer gave") from None
        if int(key) >= 2**63:
            raise wrong(name, "must be what an answer gave")
        return cls(time, int(key))

    @classmethod
    def of_line(cls, line: AuditEntry) -> Self:
        return cls(line.time, line.pk)

    def __str__(self) -> str:
        micros = int(self.time.replace(microsecond=0).timestamp()) * 1_000_000
        return f"{micros + self.time.microsecond}-{self.key}"

    @property
    def older(self) -> Q:
        """What is older than the line, in a form in which the database goes by an index."""
        return Q(time__lte=self.time) & ~Q(time=self.time, pk__gte=self.key)

    @property
    def newer(self) -> Q:
        return Q(time__gte=self.time) & ~Q(time=self.time, pk__lte=self.key)
