"""What the check of the environment says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, what was seen, and how to mend it where it is not well.

    With `ok` and a `fix` it is advice: everything works, and something could be better.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""

    @property
    def is_advice(self) -> bool:
        return self.ok and bool(self.fix)


@dataclass(frozen=True)
class Report:
    """All checks in their order; `ok` unless something is wrong."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    @property
    def wrong(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    @property
    def advice(self) -> list[Check]:
        return [check for check in self.checks if check.is_advice]


def good(name: str, detail: str) -> Check:
    return Check(name, ok=True, detail=detail)


def advice(name: str, detail: str, fix: str) -> Check:
    return Check(name, ok=True, detail=detail, fix=fix)


def wrong(name: str, detail: str, fix: str) -> Check:
    return Check(name, ok=False, detail=detail, fix=fix)
