"""The form of a schedule, and what a schedule as it is filled in would do."""

import re
from dataclasses import fields
from datetime import time
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest

from backups.forms import CONSISTENCY, words
from backups.models import Schedule
from backups.schedules import services
from backups.schedules.options import COUNTS, LARGEST_COUNT, ScheduleOptions
from backups.schedules.plain import (
    CRON,
    DAILY,
    HOURLY,
    LAST_DAY,
    MONTHLY,
    WEEKDAYS,
    WEEKLY,
    Plain,
    plain_of,
)
from backups.schedules.services import Preview
from backups.schedules.timing import zone_names
from containermonkey.problems import Conflict, Invalid

TASKS = [
    ("backup", "Back up", "Saves each container into an archive of its own, as by hand."),
    ("verify", "Verify", "Reads backups that are there again, from the first byte to the last."),
]
EVERY = [
    (HOURLY, "Hourly"),
    (DAILY, "Daily"),
    (WEEKLY, "Weekly"),
    (MONTHLY, "Monthly"),
    (CRON, "Cron"),
]
COVERS = [
    ("everything", "Everything", "All containers of the host, those to come too."),
    ("except", "Everything except", "All but what is named below."),
    ("only", "Only these", "What is named below, and nothing else."),
]
DAYS = [
    *((str(day), f"Day {day}") for day in range(1, 32)),
    (LAST_DAY, "The last day"),
]
EXAMPLE = "the schedule"


class Lines(forms.CharField):
    """A list, one entry a line; `separators` also divide, where an entry cannot hold them."""

    def __init__(self, *, separators: str = "", **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 2}), **options)
        self.divider = re.compile(rf"[\r\n{separators}]+")

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        entries = (entry.strip() for entry in self.divider.split(super().clean(value)))
        return list(dict.fromkeys(entry for entry in entries if entry))


class Count(forms.IntegerField):
    """A number from 1 on, or nothing."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            min_value=1,
            max_value=LARGEST_COUNT,
            widget=forms.NumberInput(attrs={"inputmode": "numeric", "placeholder": "–"}),
        )


class ScheduleForm(forms.Form):
    """A GET with values in its query shows what they would do, a POST keeps them."""

    name = forms.CharField(label="Name", required=False, max_length=100)
    enabled = forms.BooleanField(required=False)
    task = forms.ChoiceField(choices=words(TASKS))
    every = forms.ChoiceField(choices=EVERY)
    minute = forms.IntegerField(label="Minutes past the hour", min_value=0, max_value=59)
    at = forms.TimeField(label="At", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    weekday = forms.ChoiceField(
        label="On",
        choices=[(str(number), day) for number, day in enumerate(WEEKDAYS)],
        widget=forms.Select(attrs={"class": "select"}),
    )
    day = forms.ChoiceField(
        label="On",
        choices=DAYS,
        widget=forms.Select(attrs={"class": "select"}),
        help_text="A month that has no such day is left out.",
    )
    expression = forms.CharField(
        label="Cron expression",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
        help_text="Minute, hour, day, month, weekday: 30 2 * * MON-FRI, or @daily.",
    )
    time_zone = forms.CharField(
        label="Time zone",
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )
    covers = forms.ChoiceField(choices=words(COVERS))
    names = Lines(label="Containers", separators=r"\s,", help_text="Names, one a line.")
    labels = Lines(label="Labels", help_text="key or key=value, one a line.")
    stacks = Lines(
        label="Stacks",
        help_text="Compose projects and swarm stacks, one a line. Their containers are read one "
        "after the other, not at the same moment as by “Back up” under Stacks.",
    )
    consistency = forms.ChoiceField(choices=words(CONSISTENCY))
    include_image = forms.BooleanField(required=False)
    include_bind_mounts = forms.BooleanField(required=False)
    verify_after_days = Count(
        "Those not verified for so many days",
        help_text="Empty: the newest backup of each container.",
    )
    keep_last = Count("The last ones")
    keep_days = Count("All of so many days")
    keep_daily = Count("Daily ones")
    keep_weekly = Count("Weekly ones")
    keep_monthly = Count("Monthly ones")
    keep_yearly = Count("Yearly ones")
    include_manual = forms.BooleanField(required=False)

    choices = {"task": TASKS, "every": EVERY, "covers": COVERS, "consistency": CONSISTENCY}

    def __init__(self, request: HttpRequest, schedule: Schedule | None = None) -> None:
        self.request, self.schedule = request, schedule
        self.posted = request.method == "POST"
        given = request.POST if self.posted else request.GET
        super().__init__(given or None, initial=initial_of(schedule))
        if not self.is_bound:  # as it is at first, so that its preview can be shown
            super().__init__({key: plain_value(value) for key, value in self.initial.items()})

    @property
    def keeping(self) -> list[forms.BoundField]:
        return [self[name] for name in COUNTS if name.startswith("keep_")]

    @property
    def zones(self) -> list[str]:
        return sorted(zone_names())

    @property
    def status(self) -> int:
        return 422 if self.posted else 200

    @cached_property
    def options(self) -> ScheduleOptions | None:
        """What is filled in, checked; None while something is not valid.

        To look at what it would do, it needs no name.
        """
        if not self.is_valid():
            return None
        values = self.cleaned_data
        name = values["name"] if self.posted else values["name"] or EXAMPLE
        known = {each.name for each in fields(ScheduleOptions)}
        chosen = {key: value for key, value in values.items() if key in known}
        chosen |= {"name": name, **self.expression_of(values)}
        try:
            return ScheduleOptions(**chosen).checked()
        except Invalid as problem:
            self.add_problem(problem)
            return None

    def expression_of(self, values: dict[str, Any]) -> dict[str, str]:
        """The cron expression of what is chosen, plain or not."""
        every = values["every"]
        if every == CRON:
            return {}
        at = time(0, values["minute"]) if every == HOURLY else values["at"]
        return {"expression": Plain(every, at, values["weekday"], values["day"]).expression}

    @cached_property
    def preview(self) -> Preview | None:
        """What the schedule would do; None while something is not valid."""
        return services.preview(self.options, self.schedule) if self.options else None

    def save(self) -> Schedule | None:
        """Keep the schedule; None where the form has to be shown."""
        if not self.posted or self.options is None:
            return None
        try:
            if self.schedule:
                return services.change_schedule(self.schedule.pk, self.options)
            return services.create_schedule(self.options, self.request.user)
        except Conflict as problem:
            self.add_problem(problem)
            return None

    def add_problem(self, problem: Invalid | Conflict) -> None:
        """Put what is wrong beside the fields that it is about."""
        for name, reason in problem.fields.items():
            self.add_error(name if name in self.fields else None, reason)


def initial_of(schedule: Schedule | None) -> dict[str, Any]:
    """What the form shows at first: the schedule as it is, or a new one that is of some use."""
    options = (
        ScheduleOptions.of(schedule)
        if schedule
        else ScheduleOptions("", "30 2 * * *", keep_daily=7, keep_weekly=4, keep_monthly=6)
    )
    plain = plain_of(options.expression)
    shown = plain or Plain(CRON, time(2, 30))
    return options.as_fields() | {
        "every": shown.every,
        "minute": shown.at.minute if plain else 0,
        "at": shown.at if shown.every != HOURLY else time(2, 30),
        "weekday": shown.weekday,
        "day": shown.day,
    }


def plain_value(value: Any) -> Any:
    """A value as a browser would send it."""
    if isinstance(value, list):
        return "\n".join(value)
    return f"{value:%H:%M}" if isinstance(value, time) else value
