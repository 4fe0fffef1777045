"""The form of a pull."""

from django import forms
from django.http import HttpRequest

from containermonkey.problems import Invalid
from images.pulling.services import LONGEST_PLATFORM, request_pull
from jobs.models import Job

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mono"}


class PullForm(forms.Form):
    reference = forms.CharField(
        label="Image",
        max_length=500,
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "nginx:1.27", "autofocus": True}),
        help_text="As docker pull takes it: a name, with its registry where that is not docker.io. "
        "Without a tag, it is latest.",
    )
    platform = forms.CharField(
        label="Platform",
        required=False,
        max_length=LONGEST_PLATFORM,
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "linux/arm64"}),
        help_text="Empty: that of the Docker host.",
    )

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.posted = request, request.method == "POST"
        given = {"reference": request.GET.get("reference", "")[:500]}
        super().__init__(request.POST if self.posted else None, initial=given)

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def save(self) -> Job | None:
        """Ask for the pull; None where the form has to be shown."""
        if not self.posted or not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return request_pull(
                values["reference"], platform=values["platform"], user=self.request.user
            )
        except Invalid as problem:
            for name, reason in (problem.fields or {"reference": str(problem)}).items():
                self.add_error(name, reason)
            return None
