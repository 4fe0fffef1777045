"""Backups of networks as JSON."""

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from accounts.rights import needs
from backups import schemas, services
from backups.models import Kind
from backups.networks.capture import back_up_network
from backups.networks.plan import NetworkOptions
from backups.networks.restoring import restore_network
from backups.networks.uploads import upload_network_backup
from backups.options import OnConflict
from backups.records import info_of
from backups.types import BackupInfo
from containermonkey.uploads import incoming_files, the_file
from networks.details import network_details
from networks.types import Network, NetworkDetails

router = Router(tags=["Networks"])


class NetworkRestoreRequest(schemas.Strict):
    filename: schemas.Words
    new_name: str | None = None
    on_conflict: OnConflict = "fail"


@dataclass(frozen=True, slots=True)
class RestoredNetwork(Network):
    """The network, and every way in which it is not what was saved.

    `replaced` is the backup of the network that had the name; empty where none was replaced.
    """

    report: list[str]
    replaced: str


@router.post("/network/restore", response={201: RestoredNetwork})
@needs("network.restore")
def restore(request: HttpRequest, asked: NetworkRestoreRequest) -> Status:
    """Make a network again from its backup. A conflict is a 409, and nothing is changed."""
    options = NetworkOptions(asked.new_name or "", asked.on_conflict)
    restored = restore_network(asked.filename, options)
    return Status(
        201, asdict(restored.network) | {"report": restored.report, "replaced": restored.replaced}
    )


# A network may be called so, and an address belongs to one router: its GET has to stand here.
@router.get("/network/restore", response=NetworkDetails, include_in_schema=False)
def detail_of_one_named_restore(request: HttpRequest) -> NetworkDetails:
    return network_details("restore")


@router.post("/network/{name}/backup", response={201: BackupInfo})
@needs("network.backup")
def back_up(request: HttpRequest, name: str) -> Status:
    """Back a network up; `name` is its name or id."""
    return Status(201, info_of(back_up_network(name)))


@router.get("/network-backups", response=schemas.BackupList)
def list_backups(request: HttpRequest, asked: Query[schemas.NetworkBackupFilter]) -> dict[str, Any]:
    """The backups of networks, the newest first."""
    backups, total = services.list_backups(**asked.dict(), kind=Kind.NETWORK)
    return {"backups": backups, "total": total}


@router.post("/upload-network-backup", response={201: BackupInfo}, url_name="upload_network_backup")
@needs("network.upload")
def upload(request: HttpRequest) -> Status:
    """Take in the archive of a network, at most 1 MiB; it is checked whole before it is listed.

    The form (`multipart/form-data`) has it in its field `file`.
    """
    file = the_file(incoming_files(request))
    return Status(201, info_of(upload_network_backup(file.name, file)))
