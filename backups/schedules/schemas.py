"""What the JSON API takes and gives for schedules."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.conf import settings
from ninja import Field, Schema

from accounts.masks import visible_text
from backups.options import Consistency
from backups.retention.plan import ContainerPlan
from backups.schedules.options import Covers, ScheduleOptions, Task
from backups.schedules.results import Outcome, Standing
from backups.schedules.services import Preview
from containermonkey.schemas import Strict

Text = Annotated[str, Field(max_length=300)]
Entries = Annotated[list[Text], Field(max_length=1000)]
Count = Annotated[int, Field(ge=1, le=10_000, strict=True)]


class ScheduleFields(Schema):
    """A schedule; `expression` is cron's, and a `keep_…` that is null is no rule."""

    name: Text
    expression: Text
    time_zone: Text
    enabled: bool = True
    task: Task = "backup"
    covers: Covers = "everything"
    names: Entries = []
    labels: Entries = []
    stacks: Entries = []
    consistency: Consistency = "none"
    include_image: bool = False
    include_bind_mounts: bool = False
    verify_after_days: Count | None = None
    keep_last: Count | None = None
    keep_days: Count | None = None
    keep_daily: Count | None = None
    keep_weekly: Count | None = None
    keep_monthly: Count | None = None
    keep_yearly: Count | None = None
    include_manual: bool = False


class ScheduleIn(ScheduleFields, Strict):
    time_zone: Text = Field(default_factory=lambda: settings.TIME_ZONE)

    def as_options(self) -> ScheduleOptions:
        return ScheduleOptions(**self.dict())


class ScheduleResultOut(Schema):
    """What came of one container, or of one backup; `status` is empty where it was left out."""

    container: str
    filename: str
    status: str
    why: str
    progress_id: UUID | None


class ScheduleRunOut(Schema):
    """A run; `slot` is when it was due, null where somebody asked for it."""

    slot: datetime | None
    started: datetime
    warnings: list[str]
    results: list[ScheduleResultOut]

    @classmethod
    def of(cls, outcome: Outcome) -> "ScheduleRunOut":
        run = outcome.run
        results = [ScheduleResultOut.model_validate(vars(result)) for result in outcome.results]
        return cls(slot=run.slot, started=run.started, warnings=outcome.warnings, results=results)


class ScheduleOut(ScheduleFields):
    id: int
    next_run: datetime | None
    last_run: ScheduleRunOut | None = None

    @classmethod
    def of(cls, standing: Standing) -> "ScheduleOut":
        found = cls.from_orm(standing.schedule)
        found.labels = [visible_text(label) for label in found.labels]
        found.last_run = ScheduleRunOut.of(standing.last) if standing.last else None
        return found


class ScheduleList(Schema):
    schedules: list[ScheduleOut]


class VerdictOut(Schema):
    filename: str
    created: datetime
    keep: bool
    reasons: list[str]


class RetentionOut(Schema):
    """A container's backups; `hold` says why none of them is deleted at present, if so."""

    container: str
    hold: str
    backups: list[VerdictOut]

    @classmethod
    def of(cls, plan: ContainerPlan) -> "RetentionOut":
        backups = [
            VerdictOut(
                filename=each.item.filename,
                created=each.item.created,
                keep=each.keep,
                reasons=list(each.reasons),
            )
            for each in plan.verdicts
        ]
        return cls(container=plan.container, hold=plan.hold, backups=backups)


class SchedulePreviewOut(Schema):
    """What a schedule would do. `containers` is null while the Engine does not answer."""

    next_runs: list[datetime]
    containers: list[str] | None
    warnings: list[str]
    retention: list[RetentionOut]

    @classmethod
    def of(cls, preview: Preview) -> "SchedulePreviewOut":
        covered = preview.covered
        return cls(
            next_runs=preview.next_runs,
            containers=covered.names if covered else None,
            warnings=covered.missing if covered else [preview.problem],
            retention=[RetentionOut.of(plan) for plan in preview.plans],
        )
