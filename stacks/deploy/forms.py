"""The form in which a compose file is given."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from containermonkey.problems import Invalid, Problem
from jobs.models import Job
from stacks.deploy import services
from stacks.deploy.plan import DeployConflict, DeployPlan
from stacks.deploy.reading import LARGEST
from stacks.deploy.variables import as_lines, variables_in
from stacks.models import Deployment

PLAIN = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}

VALUES = (
    "NAME=value lines for ${NAME} in the file. They are kept with it, encrypted; everybody "
    "who signs in can read them."
)


class DeployForm(forms.Form):
    """A POST with `deploy` carries it out, any other shows the plan; `based_on` fills it in."""

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=63,
        help_text="Small letters, digits, - and _. Empty: the name in the file.",
        widget=forms.TextInput(attrs=PLAIN),
    )
    file = forms.FileField(
        label="Compose file",
        required=False,
        help_text="At most 1 MiB. It takes the place of the text below.",
        widget=forms.FileInput(attrs={"accept": ".yml,.yaml,text/yaml"}),
    )
    compose = forms.CharField(
        label="Or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs=PLAIN | {"rows": 18, "class": "mono"}),
    )
    env = forms.CharField(
        label="Variables",
        required=False,
        help_text=VALUES,
        widget=forms.Textarea(attrs=PLAIN | {"rows": 4, "class": "mono"}),
    )
    remove_orphans = forms.BooleanField(label="Remove what is not in the file", required=False)

    def __init__(self, request: HttpRequest, based_on: Deployment | None = None) -> None:
        self.posted, self.user, self.based_on = request.method == "POST", request.user, based_on
        self.wants_deploy = "deploy" in request.POST
        super().__init__(
            self._with_text_of_file(request) if self.posted else None,
            request.FILES if self.posted else None,
            initial=values_of(based_on),
        )
        if based_on:
            del self.fields["name"]

    def _with_text_of_file(self, request: HttpRequest) -> Any:
        """What was posted, with the uploaded file as its text: it is shown again with the plan."""
        data = request.POST.copy()
        file = request.FILES.get("file")
        self.wrong_file = ""
        if isinstance(file, UploadedFile) and file.size:
            if file.size > LARGEST:
                self.wrong_file = "It is larger than 1 MiB."
                return data
            try:
                data["compose"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.wrong_file = "It is not text in UTF-8."
        return data

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.wrong_file:
            self.add_error("file", self.wrong_file)
        return values

    @property
    def status(self) -> int:
        if self.plan and self.plan.conflicts:
            return 409
        return 422 if self.errors else 200

    @property
    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "name": self.based_on.stack if self.based_on else values["name"],
            "compose": values["compose"].replace("\r\n", "\n"),
            "variables": variables_in(values["env"]),
            "remove_orphans": values["remove_orphans"],
        }

    @cached_property
    def plan(self) -> DeployPlan | None:
        """What would be done; None while there is nothing, or something is wrong with it."""
        if not self.posted or not self.is_valid():
            return None
        try:
            return services.look_ahead(**self.arguments)
        except Invalid as problem:
            self._refuse(problem)
            return None

    def save(self) -> Job | None:
        """Ask for the deployment; None where the form has to be shown."""
        if not self.posted or not self.wants_deploy or not self.is_valid():
            return None
        try:
            return services.request_deploy(**self.arguments, user=self.user)
        except DeployConflict:
            return None  # the plan shows it
        except Invalid as problem:
            self._refuse(problem)
            return None

    def _refuse(self, problem: Problem) -> None:
        at_fault = [name for name in problem.fields if name in self.fields]
        for name in at_fault:
            self.add_error(name, f"It {problem.fields[name]}.")
        if not at_fault:
            self.add_error(None, str(problem))


def values_of(deployment: Deployment | None) -> dict[str, Any]:
    if deployment is None:
        return {}
    return {
        "compose": deployment.compose,
        "env": as_lines(services.known_variables(deployment) or {}),
        "remove_orphans": deployment.remove_orphans,
    }
