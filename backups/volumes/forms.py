"""The forms of the pages about volumes by themselves."""

from functools import cached_property

from django import forms
from django.http import HttpRequest

from backups.errors import CannotBackUp
from backups.forms import CONSISTENCY, RestoreForm, words
from backups.options import BackupOptions, RestoreOptions
from backups.types import Plan
from backups.volumes.capture import request_volume_backup
from backups.volumes.cloning import CloneOptions, ClonePlan, plan_clone, request_clone
from backups.volumes.restoring import plan_volume_restore, request_volume_restore
from containermonkey.forms import add_problem
from containermonkey.problems import Conflict, Invalid
from jobs.models import Job
from volumes.creating import NAME, NAME_RULE

FREE = "-clone"


# Key, word and explanation of each choice, for components/choices.html.
ON_CONFLICT = [
    ("fail", "Change nothing", "A volume that has the name is in the way."),
    (
        "replace",
        "Replace its content",
        "It ends up exactly as in the backup; what was written since is lost. No running container "
        "may use it.",
    ),
    ("rename", "Take a free name", "Both stay side by side."),
]


class VolumeBackupForm(forms.Form):
    consistency = forms.ChoiceField(choices=words(CONSISTENCY), initial="none", required=False)

    choices = {"consistency": CONSISTENCY}

    def __init__(self, request: HttpRequest, name: str) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.request, self.name = request, name

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def save(self) -> Job | None:
        """Ask for the backup; None where the form has to be shown."""
        if not self.is_valid():
            return None
        options = BackupOptions(consistency=self.cleaned_data["consistency"] or "none")
        try:
            return request_volume_backup(self.name, options, self.request.user)
        except CannotBackUp as problem:
            self.add_error("consistency", str(problem))
            return None


class VolumeRestoreForm(RestoreForm):
    """Where the content of a volume's backup goes, and the plan that it makes."""

    volumes = None  # type: ignore[assignment]  # Django's way to leave a field out
    start = None  # type: ignore[assignment]  # a volume by itself has nothing to start
    on_conflict = forms.ChoiceField(choices=words(ON_CONFLICT), initial="fail")

    choices = {"on_conflict": ON_CONFLICT}

    @cached_property
    def options(self) -> RestoreOptions | None:
        """What was chosen; None while a field is not valid."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        if values["new_name"] and not NAME.fullmatch(values["new_name"]):
            self.add_error("new_name", f"{NAME_RULE[0].upper()}{NAME_RULE[1:]}.")
            return None
        return RestoreOptions(new_name=values["new_name"], on_conflict=values["on_conflict"])

    @cached_property
    def plan(self) -> Plan | None:
        """What would be done, and what is in its way."""
        if self.options is None:
            return None
        return plan_volume_restore(self.backup.filename, self.options)

    def request_job(self, options: RestoreOptions) -> Job:
        return request_volume_restore(self.backup.filename, options, self.request.user)


class CloneForm(forms.Form):
    """How a volume is cloned, and what that would do."""

    new_name = forms.CharField(
        label="Name of the new volume",
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    consistency = forms.ChoiceField(choices=words(CONSISTENCY), initial="none", required=False)
    keep_options = forms.BooleanField(required=False)

    choices = {"consistency": CONSISTENCY}

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.request, self.name = request, name
        posted = request.POST if request.method == "POST" else None
        super().__init__(posted, initial={"new_name": f"{name}{FREE}"[:255]})

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    @cached_property
    def plan(self) -> ClonePlan:
        """What cloning would do at first, under a name that stands for any."""
        return plan_clone(self.name, CloneOptions("x" * 255))

    def save(self) -> Job | None:
        """Ask for the clone; None where the form has to be shown."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            options = CloneOptions(
                values["new_name"], values["consistency"] or "none", values["keep_options"]
            )
            return request_clone(self.name, options, self.request.user)
        except (Invalid, Conflict) as problem:
            add_problem(self, problem)
            return None
