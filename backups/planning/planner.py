"""Makes the plan, part by part."""

from typing import Any

from backups.archive.reader import ArchiveReader
from backups.options import RestoreOptions
from backups.planning.conflicts import taken_ports
from backups.planning.folders import folder_plan
from backups.planning.ground import Ground, Others
from backups.planning.images import image_plan
from backups.planning.networks import network_plans
from backups.planning.ourselves import keep_ourselves_out
from backups.planning.plan import RestorePlan, VolumePlan
from backups.planning.volumes import empty_volume_plans, volume_plan
from containers.acts import container_if_there, container_named
from containers.changes import Changes, container_mode, referenced_containers
from containers.create_body import create_body
from containers.endpoints import endpoints as endpoints_of
from containers.labels import SWARM_TASK
from containers.neighbours import Neighbours
from engine import Docker, identity


def plan_restore(
    docker: Docker,
    archive: ArchiveReader,
    options: RestoreOptions,
    job: str = "plan",
    others: Others | None = None,
) -> RestorePlan:
    """The plan for bringing an archive's container back on this Engine; nothing is touched.

    `job` labels the helper containers that look at folders of the host, `others` are restored with
    it. Raise DamagedArchive for an archive whose description cannot be relied on.
    """
    ground = Ground.of(docker, archive, options, job, others)
    if SWARM_TASK in (ground.inspect["Config"].get("Labels") or {}):
        return plan_of_data(ground)
    container = ground.manifest["container"]
    name, old = name_and_old(ground)
    start = bool(container.get("running")) if options.start is None else options.start
    sharing = made_again_with(ground, old) if old else []
    refuse_to_stop_ourselves(ground, name, sharing)
    ground.leaving |= {item["Id"] for item in [old, *sharing] if item}
    image = image_plan(ground)
    volumes = [place_plan(ground, source) for source in ground.manifest["sources"]]
    volumes += empty_volume_plans(ground)
    changes = Changes(
        image=image.reference if image else None,
        port_overrides=options.port_overrides,
        volume_names={plan.source["name"]: plan.name for plan in volumes if plan.renamed},
        containers=referenced(ground),
        host_name=(ground.manifest.get("host") or {}).get("name"),
    )
    body = create_body(ground.inspect, changes=changes)
    keep_ourselves_out(ground, body)
    endpoints = endpoints_of(ground.inspect, changes=changes)
    networks = network_plans(ground, endpoints, check_addresses=start)
    if start:
        ground.conflicts += taken_ports(body, ground.containers, leaving=ground.leaving)
    return RestorePlan(
        name=name,
        start=start,
        pause=start and options.start is None and bool(container.get("paused")),
        overwrite_volumes=options.overwrite_volumes,
        old=old,
        host_name=docker.info()["Name"] if sharing else None,
        image=image,
        networks=networks,
        volumes=volumes,
        body=body,
        endpoints=endpoints,
        sharing=sharing,
        notes=missing_content(ground),
        conflicts=ground.conflicts,
    )


def plan_of_data(ground: Ground) -> RestorePlan:
    """The plan for a swarm's task: its volumes alone come back.

    A plain container in its place would be one that the swarm knows nothing of, beside the task
    that it starts itself.
    """
    volumes = [place_plan(ground, source) for source in ground.manifest["sources"]]
    return RestorePlan(
        name=ground.manifest["container"]["name"],
        start=False,
        pause=False,
        overwrite_volumes=ground.options.overwrite_volumes,
        volumes=[*volumes, *empty_volume_plans(ground)],
        notes=missing_content(ground),
        conflicts=ground.conflicts,
        data_only=True,
    )


def name_and_old(ground: Ground) -> tuple[str, dict[str, Any] | None]:
    """The name that the container will have, and the container that it replaces, if any."""
    options = ground.options
    name = options.new_name or ground.manifest["container"]["name"]
    existing = container_named(name)
    if existing is None:
        return name, None
    if options.on_conflict == "rename":
        taken = {text.removeprefix("/") for item in ground.containers for text in item["Names"]}
        return free_name(name, taken), None
    if identity.is_ours(existing["Id"], existing["Config"].get("Labels")):
        message = f"This program's own container has the name {name}."
        ground.conflict("name", name, message, "new_name")
    elif options.on_conflict == "fail":
        ground.conflict("name", name, f"A container has the name {name}.", "on_conflict")
    else:
        return name, existing
    return name, None


def made_again_with(ground: Ground, old: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers that depend on one that is replaced, and are not replaced themselves."""
    neighbours = ground.others.neighbours or Neighbours(ground.docker)
    return [
        each
        for each in neighbours.depending_on(old)
        if each["Name"].removeprefix("/") not in ground.others.names
    ]


def place_plan(ground: Ground, source: dict[str, Any]) -> VolumePlan:
    """What happens with one volume or folder of the archive."""
    return folder_plan(ground, source) if source["type"] == "bind" else volume_plan(ground, source)


def free_name(name: str, taken: set[str]) -> str:
    """`<name>-restored`, with a number behind it where that is taken."""
    free, number = f"{name}-restored", 1
    while free in taken:
        number += 1
        free = f"{name}-restored-{number}"
    return free


def refuse_to_stop_ourselves(ground: Ground, name: str, sharing: list[dict[str, Any]]) -> None:
    """Name a conflict where this program is among the containers that would be made again."""
    if any(identity.is_ours(item["Id"], item["Config"].get("Labels")) for item in sharing):
        message = f"Container Monkey itself uses the network or processes of {name}."
        ground.conflict("container", name, message, "new_name")


def referenced(ground: Ground) -> dict[str, str | None]:
    """What the containers that this one refers to are called now; None for those that are gone."""
    names = ground.manifest["container"].get("references") or {}
    needs = needed(ground.inspect["HostConfig"])
    found: dict[str, str | None] = {}
    for reference in referenced_containers(ground.inspect):
        if names.get(reference, reference) in ground.others.names:
            found[reference] = names.get(reference, reference)
            continue
        candidates = (reference, names.get(reference))
        there = (container_if_there(one) for one in candidates if one)
        found[reference] = next((item["Name"].removeprefix("/") for item in there if item), None)
        if found[reference] is None and reference in needs:
            wanted = names.get(reference, reference)
            message = (
                f"It {needs[reference]} the container {wanted}, which does not exist; restore that "
                "one first."
            )
            ground.conflict("container", wanted, message)
    return found


def needed(host: dict[str, Any]) -> dict[str, str]:
    """The containers without which one cannot be made, and what it does with them."""
    links = [text.partition(":")[0].removeprefix("/") for text in host.get("Links") or []]
    modes = [container_mode(host.get(mode)) for mode in ("NetworkMode", "IpcMode", "PidMode")]
    return dict.fromkeys(links, "is linked to") | {
        mode: "uses the network or processes of" for mode in modes if mode
    }


def missing_content(ground: Ground) -> list[str]:
    """Which mounts come back without what was in them."""
    return [
        f"What was mounted at {item['destination']} is not in the backup: {item['reason']}"
        for item in ground.manifest.get("skipped") or []
        if item.get("type") in ("volume", "bind")
    ]
