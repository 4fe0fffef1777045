"""Jobs as JSON. Their addresses say backup, because that is what a job mostly is."""

from django.http import HttpRequest
from ninja import Router, Status

from accounts.rights import needs
from jobs import services
from jobs.services import Progress, QueueStatus

router = Router(tags=["Jobs"])


@router.get("/backup-progress/{progress_id}", response=Progress)
def progress(request: HttpRequest, progress_id: str) -> Progress:
    """How far a job is; `percent` is null while it cannot be known."""
    return services.progress_of(services.find_job(progress_id))


@router.post("/backup-progress/{progress_id}/cancel", response=Progress)
@needs("job.cancel")
def cancel(request: HttpRequest, progress_id: str) -> Progress:
    """End a job. What it changed is put back; nothing half-written is left."""
    return services.progress_of(services.cancel(progress_id))


@router.post("/backup-progress/{progress_id}/run-again", response={202: Progress})
@needs("job.run_again")
def run_again(request: HttpRequest, progress_id: str) -> Status:
    """Ask once more for what an ended job was asked for; the new job."""
    return Status(202, services.progress_of(services.run_again(progress_id, request.user)))


@router.get("/backup/status", response=QueueStatus)
def status(request: HttpRequest) -> QueueStatus:
    """What runs, and what waits in the order in which it will run."""
    return services.queue_status()
