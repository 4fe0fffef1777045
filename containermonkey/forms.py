"""What forms do alike."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from containermonkey.problems import Problem
from engine.names import shortened


class Pairs(forms.CharField):
    """What is written as `key=value`, one a line, as a dictionary."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value: Any) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            name, separator, content = line.partition("=")
            name = name.strip()
            if not line.strip():
                continue
            if not separator or not name:
                raise ValidationError(f"Line {number} is not of the form key=value.")
            if name in pairs:
                raise ValidationError(f"{shortened(name)} is there twice.")
            pairs[name] = content.strip()
        return pairs


def add_problem(form: forms.BaseForm, problem: Problem) -> None:
    """Put what is wrong beside the fields that it is about, the rest above the form."""
    for name, reason in problem.fields.items():
        beside = name if name in form.fields else None
        form.add_error(beside, reason[0].upper() + reason[1:].rstrip(".") + ".")
    if not problem.fields:
        form.add_error(None, str(problem))
