"""The forms of the backups' pages: what can be chosen, in words."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.boundfield import BoundField
from django.http import HttpRequest, QueryDict

from accounts.offering import why_not
from backups import services
from backups.errors import RestoreConflict
from backups.options import BackupOptions, RestoreOptions
from backups.put_back import PutBackPlan, plan_put_back, request_put_back
from backups.types import BackupInfo, Plan, SavedPort
from containermonkey.problems import Invalid
from engine.names import REFERENCE
from jobs.models import Job

# Key, word and explanation of each choice, for components/choices.html.
CONSISTENCY = [
    (
        "none",
        "Read it while it runs",
        "Nothing stops. A file that is written to meanwhile may be saved in between two states; "
        "fine for most things, not for a busy database.",
    ),
    (
        "pause",
        "Pause it while it is read",
        "Its processes freeze and go on afterwards. The data is that of one moment, as after a "
        "power cut, which databases are made to survive.",
    ),
    (
        "stop",
        "Stop it while it is read",
        "It ends in order, so that everything is on disk, and is started again whatever happens. "
        "The safest, and it is away for that time.",
    ),
]
VOLUMES = [
    (
        "ask",
        "Leave it open",
        "A volume that exists is in the way, unless free names are taken below.",
    ),
    (
        "overwrite",
        "Replace it",
        "It ends up exactly as in the backup; what was written since is lost.",
    ),
    ("keep", "Keep it", "The data in the backup is not used for it."),
]
ON_CONFLICT = [
    ("fail", "Change nothing", "A container that has the name is in the way."),
    (
        "replace",
        "Put it in its place",
        "The container that has the name is removed once the restored one is there.",
    ),
    (
        "rename",
        "Take a free name",
        "For the container and its volumes: both stay side by side.",
    ),
]
START = [
    ("as_it_was", "As it was", ""),
    ("yes", "Start it", ""),
    ("no", "Leave it stopped", ""),
]
PORT_PREFIX = "port-"
# The field in which a conflict's `answer` is given; that of a port has the port's name.
ANSWERS = {"new_name": "new_name", "on_conflict": "on_conflict", "overwrite_volumes": "volumes"}

WHERE = [
    ("replace", "In its place", "What has its name there is replaced."),
    ("beside", "Beside it", "Under its name and the time of the backup; nothing is replaced."),
]


def words(choices: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(key, word) for key, word, _ in choices]


class BackupForm(forms.Form):
    consistency = forms.ChoiceField(choices=words(CONSISTENCY), initial="none")
    include_image = forms.BooleanField(required=False)
    include_bind_mounts = forms.BooleanField(required=False)

    choices = {"consistency": CONSISTENCY}

    def __init__(self, request: HttpRequest, container: str) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.request, self.container = request, container

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def save(self) -> Job | None:
        """Ask for the backup; the job, or None where the form has to be shown."""
        if not self.is_valid():
            return None
        return self.request_job(BackupOptions(**self.cleaned_data))

    def request_job(self, options: BackupOptions) -> Job:
        return services.request_backup(self.container, options, self.request.user, once=True)


class RestoreForm(forms.Form):
    """The options of a restore, and the plan that they make.

    A GET with options in its query shows the plan for them, a POST carries it out.
    """

    new_name = forms.CharField(
        label="Name",
        required=False,
        max_length=200,
        validators=[
            RegexValidator(
                rf"\A{REFERENCE.pattern}\Z",
                "Letters, digits, “_”, “.” and “-”, beginning with a letter or digit.",
            )
        ],
    )
    volumes = forms.ChoiceField(choices=words(VOLUMES), initial="ask")
    on_conflict = forms.ChoiceField(choices=words(ON_CONFLICT), initial="fail")
    start = forms.ChoiceField(choices=words(START), initial="as_it_was")

    choices = {"volumes": VOLUMES, "on_conflict": ON_CONFLICT, "start": START}
    replacing = "restore.replace"
    """The act that putting something over what is there is."""

    def __init__(self, request: HttpRequest, backup: BackupInfo) -> None:
        self.request, self.backup = request, backup
        self.posted = request.method == "POST"
        super().__init__(self.with_defaults(request.POST if self.posted else request.GET))
        self.fields["new_name"].widget.attrs["placeholder"] = backup.container_name
        for port, bindings in backup.metadata.port_mappings.items():
            self.fields[PORT_PREFIX + port] = port_field(port, bindings)

    def with_defaults(self, data: QueryDict) -> QueryDict:
        """The data, with the choice that is made where none was: a link may give one alone."""
        data = data.copy()
        for name in self.choices:
            data.setdefault(name, self.base_fields[name].initial)
        return data

    @property
    def ports(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(PORT_PREFIX)]

    @property
    def status(self) -> int:
        return 422 if self.posted else 200

    @cached_property
    def options(self) -> RestoreOptions | None:
        """What was chosen; None while a field is not valid."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return RestoreOptions(
                new_name=values["new_name"],
                port_overrides=self.port_overrides(),
                overwrite_volumes={"overwrite": True, "keep": False}.get(values["volumes"]),
                on_conflict=values["on_conflict"],
                start={"yes": True, "no": False}.get(values["start"]),
            )
        except Invalid as problem:
            self.add_error(None, str(problem))
            return None

    def port_overrides(self) -> dict[str, int]:
        """The ports that are to be others than in the backup."""
        return {
            name.removeprefix(PORT_PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PORT_PREFIX) and value and value != self.fields[name].initial
        }

    @cached_property
    def plan(self) -> Plan | None:
        """What would be done, and what is in its way."""
        if self.options is None:
            return None
        return services.plan_restore(self.backup.filename, self.options)

    def save(self) -> Job | None:
        """Ask for the restore; the job, or None where the form has to be shown."""
        if not self.posted or self.options is None:
            return None
        try:
            return self.request_job(self.options)
        except RestoreConflict:
            self.name_what_is_in_the_way()
            return None

    def request_job(self, options: Any) -> Job:
        return services.request_restore(self.backup.filename, options, self.request.user)

    def name_what_is_in_the_way(self) -> None:
        """Put every conflict of the plan beside the option that settles it."""
        for conflict in self.plan.conflicts if self.plan else []:
            field = ANSWERS.get(conflict.answer) or PORT_PREFIX + conflict.name
            self.add_error(field if field in self.fields else None, conflict.message)


def port_field(port: str, bindings: list[SavedPort]) -> forms.IntegerField:
    """A field for the host's port; empty leaves it as it was, or to Docker where it chose it."""
    configured = bindings[0].host_port if bindings else None
    initial = configured if isinstance(configured, int) else None
    placeholder = configured or "chosen by Docker"
    return forms.IntegerField(
        label=f"Host port for {port}",
        required=False,
        min_value=1,
        max_value=65535,
        initial=initial,
        widget=forms.NumberInput(attrs={"placeholder": placeholder, "inputmode": "numeric"}),
    )


class PutBackForm(forms.Form):
    """Where a file or folder of a backup goes: in its place, or beside what is there."""

    path = forms.CharField(max_length=4096, strip=False)
    where = forms.ChoiceField(choices=words(WHERE), initial="replace")

    choices = {"where": WHERE}

    def __init__(self, request: HttpRequest, filename: str) -> None:
        posted = request.method == "POST"
        where = "beside" if why_not("put_back.replace", "POST") else "replace"
        initial = {"path": request.GET.get("path", ""), "where": where}
        super().__init__(request.POST if posted else None, initial=initial)
        self.request, self.filename = request, filename

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    @cached_property
    def plan(self) -> PutBackPlan:
        """What replacing would do."""
        return plan_put_back(self.filename, self["path"].value() or "")

    def save(self) -> Job | None:
        """Ask for it; the job, or None where the form has to be shown."""
        if not self.is_valid():
            return None
        beside = self.cleaned_data["where"] == "beside"
        path = self.cleaned_data["path"]
        return request_put_back(self.filename, path, beside=beside, user=self.request.user)
