"""The forms of the pages about backups of networks."""

from functools import cached_property

from django import forms
from django.http import HttpRequest

from backups.errors import RestoreConflict
from backups.models import Backup
from backups.networks.plan import LONGEST_NAME, NetworkOptions, plan_network_restore
from backups.networks.restoring import Restored, restore_network
from backups.networks.uploads import upload_network_backup
from backups.types import BackupInfo, Plan
from containermonkey.problems import Invalid, Problem
from containermonkey.uploads import incoming_files, the_file

# Key, word and explanation of each choice, for components/choices.html.
ON_CONFLICT = [
    ("fail", "Change nothing", "A network that has the name is in the way."),
    (
        "replace",
        "Put it in its place",
        "The network that has the name is backed up and removed; no container may be on it.",
    ),
    ("rename", "Take a free name", "Both stay side by side, if their subnets differ."),
]
ANSWERS = {"new_name": "new_name", "on_conflict": "on_conflict"}
"""The field in which a conflict's `answer` is given."""


class NetworkRestoreForm(forms.Form):
    """The options of a network's restore, and the plan that they make.

    A GET with options in its query shows the plan for them, a POST carries it out.
    """

    new_name = forms.CharField(label="Name", required=False, max_length=LONGEST_NAME)
    on_conflict = forms.ChoiceField(
        choices=[(key, word) for key, word, _ in ON_CONFLICT], initial="fail", required=False
    )

    choices = {"on_conflict": ON_CONFLICT}
    replacing = "network.replace"

    def __init__(self, request: HttpRequest, backup: BackupInfo) -> None:
        self.posted = request.method == "POST"
        super().__init__(request.POST if self.posted else request.GET)
        self.backup = backup
        self.fields["new_name"].widget.attrs["placeholder"] = backup.container_name

    @property
    def status(self) -> int:
        return 422 if self.posted else 200

    @property
    def chosen_on_conflict(self) -> str:
        return str(self["on_conflict"].value() or "fail")

    @cached_property
    def options(self) -> NetworkOptions | None:
        """What was chosen; None while a field is not valid."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return NetworkOptions(values["new_name"], values["on_conflict"] or "fail")
        except Invalid as problem:
            for name, reason in problem.fields.items():
                self.add_error(name, f"It {reason}.")
            return None

    @cached_property
    def plan(self) -> Plan | None:
        """What would be done, and what is in its way."""
        if self.options is None:
            return None
        return plan_network_restore(self.backup.filename, self.options).in_words()

    def save(self) -> Restored | None:
        """Bring the network back; None where the form has to be shown."""
        if not self.posted or self.options is None:
            return None
        try:
            return restore_network(self.backup.filename, self.options)
        except RestoreConflict:
            for conflict in self.plan.conflicts if self.plan else []:
                self.add_error(ANSWERS.get(conflict.answer), conflict.message)
            return None


class NetworkUploadForm(forms.Form):
    """The field is read from the request as it arrives, and so not by the form itself."""

    file = forms.FileField(
        label="File",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".gz,application/gzip", "required": True}),
    )

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.posted = request, request.method == "POST"
        super().__init__(request.POST if self.posted else None)

    @property
    def status(self) -> int:
        return 422 if self.posted else 200

    def save(self) -> Backup | None:
        """List the archive; what is wrong with it stands beside the field."""
        if not self.posted:
            return None
        try:
            file = the_file(incoming_files(self.request))
            return upload_network_backup(file.name, file)
        except Problem as problem:
            self.add_error("file", str(problem))
            return None
