"""The options of a whole set's restore, and the plan that they make."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest

from backups.forms import ON_CONFLICT, PORT_PREFIX, START, VOLUMES, RestoreForm, port_field, words
from backups.sets import services
from backups.sets.options import SetOptions
from backups.sets.queries import BackupSet
from backups.sets.services import SetPlanInWords
from containermonkey.problems import Invalid
from jobs.models import Job

# Names are kept: members know each other by them.
KEPT_NAMES = [choice for choice in ON_CONFLICT if choice[0] != "rename"]
EXISTING = [
    ("ask", "Leave it open", "A volume that exists is in the way."),
    *(choice for choice in VOLUMES if choice[0] != "ask"),
]


class SetRestoreForm(RestoreForm):
    new_name = None  # type: ignore[assignment]  # Django's way to leave a field out
    on_conflict = forms.ChoiceField(choices=words(KEPT_NAMES), initial="fail")

    choices = {"volumes": EXISTING, "on_conflict": KEPT_NAMES, "start": START}
    replacing = "stack_restore.replace"

    def __init__(self, request: HttpRequest, found: BackupSet) -> None:
        self.request, self.found = request, found
        self.posted = request.method == "POST"
        forms.Form.__init__(self, self.with_defaults(request.POST if self.posted else request.GET))
        for backup in found.backups:
            for port, bindings in backup.metadata.port_mappings.items():
                name = f"{PORT_PREFIX}{backup.container_name}-{port}"
                self.fields[name] = port_field(port, bindings)
                self.fields[name].label = f"Host port for {port} of {backup.container_name}"

    @cached_property
    def options(self) -> SetOptions | None:  # type: ignore[override]
        """What was chosen; None while a field is not valid."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return SetOptions(
                port_overrides=self.ports_by_container(),
                overwrite_volumes={"overwrite": True, "keep": False}.get(values["volumes"]),
                on_conflict=values["on_conflict"],
                start={"yes": True, "no": False}.get(values["start"]),
            )
        except Invalid as problem:
            self.add_error(None, str(problem))
            return None

    def ports_by_container(self) -> dict[str, dict[str, int]]:
        """The ports that are to be others than in the set."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name, value in self.port_overrides().items():
            container, _, port = name.rpartition("-")
            found[container][port] = value
        return dict(found)

    @cached_property
    def plan(self) -> SetPlanInWords | None:  # type: ignore[override]
        """What would be done for each member, and what is in the way."""
        if self.options is None:
            return None
        return services.plan_set_restore(self.found.set_id, self.options)

    def request_job(self, options: Any) -> Job:
        return services.request_set_restore(self.found.set_id, options, self.request.user)
