"""The plain choices (hourly, daily, weekly, monthly) and the cron expressions that they are."""

import re
from dataclasses import dataclass
from datetime import time

HOURLY, DAILY, WEEKLY, MONTHLY, CRON = "hourly", "daily", "weekly", "monthly", "cron"
WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
LAST_DAY = "L"

PLAIN = re.compile(r"(\d{1,2}) (\*|\d{1,2}) (\*|\d{1,2}|L) \* (\*|[0-7])", re.ASCII)


@dataclass(frozen=True)
class Plain:
    """A plain choice. `weekday` counts from Sunday, 0; `day` is one of the month, or `L`."""

    every: str
    at: time
    weekday: str = "1"
    day: str = "1"

    @property
    def expression(self) -> str:
        """As cron has it."""
        minute, hour = self.at.minute, self.at.hour
        return {
            HOURLY: f"{minute} * * * *",
            DAILY: f"{minute} {hour} * * *",
            WEEKLY: f"{minute} {hour} * * {self.weekday}",
            MONTHLY: f"{minute} {hour} {self.day} * *",
        }[self.every]

    def in_words(self) -> str:
        """`Every Monday at 02:30`."""
        return {
            HOURLY: f"Every hour at :{self.at.minute:02}",
            DAILY: f"Every day at {self.at:%H:%M}",
            WEEKLY: f"Every {WEEKDAYS[int(self.weekday)]} at {self.at:%H:%M}",
            MONTHLY: f"On {day_in_words(self.day)} of every month at {self.at:%H:%M}",
        }[self.every]


def day_in_words(day: str) -> str:
    return "the last day" if day == LAST_DAY else f"day {day}"


def plain_of(expression: str) -> Plain | None:
    """The plain choice that makes this expression; None where none does."""
    found = PLAIN.fullmatch(expression)
    if not found:
        return None
    minute, hour, day, weekday = found.groups()
    at = time(0 if hour == "*" else int(hour), int(minute))
    if hour == "*":
        return Plain(HOURLY, at) if (day, weekday) == ("*", "*") else None
    if weekday != "*":
        return Plain(WEEKLY, at, weekday=str(int(weekday) % 7)) if day == "*" else None
    return Plain(DAILY, at) if day == "*" else Plain(MONTHLY, at, day=day)


def in_words(expression: str) -> str:
    """When a schedule runs, for people; an expression that is no plain choice as it is."""
    plain = plain_of(expression)
    return plain.in_words() if plain else f"Cron: {expression}"
