"""What a compose file may hold that is carried out by this program.

The compose plugin runs beside this program and reads files wherever it does: this program's own
database too. So whatever names a file of the server, or a program that the plugin would start, is
refused before the plugin sees it; and so is what is not known here, as it may be the next of them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from containermonkey.problems import Invalid

PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
"""What compose takes for the name of a project."""

TOP = {"version", "name", "services", "networks", "volumes", "configs", "secrets"}

WORDS = """
annotations attach blkio_config cap_add cap_drop cgroup cgroup_parent command configs
container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime
cpu_shares cpus cpuset depends_on deploy device_cgroup_rules devices dns dns_opt dns_search
domainname entrypoint environment expose extends external_links extra_hosts gpus group_add
healthcheck hostname image init ipc isolation labels links logging mac_address mem_limit
mem_reservation mem_swappiness memswap_limit network_mode networks oom_kill_disable
oom_score_adj pid pids_limit platform post_start ports pre_stop privileged profiles
pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open
stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits user userns_mode uts
volume_driver volumes volumes_from working_dir
"""
KNOWN = {*WORDS.split()}
"""The words of a service that read nothing from the server."""

REASONS = {
    "build": "images are not built here. Name an image",
    "env_file": "it reads a file of the server. Put the variables into “environment”",
    "label_file": "it reads a file of the server. Put the labels into “labels”",
    "include": "it reads a file of the server. Put it all into one file",
    "provider": "it starts a program on the server",
    "credential_spec": "it reads a file of the server",
}

MOST_SERVICES = 300

UNREAD_SECCOMP = ("unconfined", "builtin", "default")
"""Profiles that are no files."""


def checked_name(name: str) -> str:
    """A name that a project may have. Raise Invalid otherwise."""
    if not PROJECT.fullmatch(name):
        reason = "must be small letters, digits, - and _, and begin with a letter or digit"
        raise Invalid(f"The name {reason}.", fields={"name": reason})
    return name


def check(compose: Mapping[str, Any]) -> None:
    """Raise Invalid for everything in a file that is not carried out here, all at once."""
    found = [*refused(compose)]
    if found:
        text = "; ".join(dict.fromkeys(found))
        reason = f"asks for what is not carried out: {text[:2000]}"
        raise Invalid(f"Not carried out: {text}.", fields={"compose": reason})


def refused(compose: Mapping[str, Any]) -> Iterable[str]:
    yield from unknown(compose, TOP, "")
    services = compose.get("services")
    if not isinstance(services, dict) or not services:
        yield "“services” must be there, with at least one service"
        return
    if len(services) > MOST_SERVICES:
        yield f"more than {MOST_SERVICES} services"
        return
    for name, service in services.items():
        if isinstance(service, dict):
            yield from in_service(str(name)[:80], service)
        else:
            yield f"the service {str(name)[:80]} is not a mapping"
    for kind in ("configs", "secrets"):
        yield from read_from_the_server(kind, compose.get(kind))


def unknown(found: Mapping[str, Any], known: set[str], where: str) -> Iterable[str]:
    for key in found:
        if key not in known and not key.startswith("x-"):
            reason = REASONS.get(key, "what it does is not known here")
            yield f"“{key[:80]}”{where}: {reason}"


def in_service(name: str, service: Mapping[str, Any]) -> Iterable[str]:
    where = f" of {name}"
    yield from unknown(service, KNOWN, where)
    extends = service.get("extends")
    if isinstance(extends, dict) and "file" in extends:
        yield f"“extends” with a file{where}: it reads a file of the server"
    for option in texts_in(service.get("security_opt")):
        kind, _, value = option.replace("=", ":", 1).partition(":")
        if kind.strip() == "seccomp" and value.strip() not in UNREAD_SECCOMP:
            yield f"a seccomp profile{where}: it reads a file of the server"
    for source in sources_in(service.get("volumes")):
        if not source.startswith("/"):
            yield (
                f"the mount of {source[:80]}{where}: there is no folder that the file is in. "
                "Name the whole path on the host, or a volume"
            )


def read_from_the_server(kind: str, found: Any) -> Iterable[str]:
    """The configs and secrets that would be read from a file or the environment of the server."""
    for name, described in found.items() if isinstance(found, dict) else ():
        for key in ("file", "environment"):
            if isinstance(described, dict) and key in described:
                yield f"“{key}” of {kind[:-1]} {str(name)[:80]}: it reads from the server"


def sources_in(volumes: Any) -> Iterable[str]:
    """The paths that a service mounts, in both of compose's ways to write one."""
    for mount in volumes if isinstance(volumes, list) else ():
        if isinstance(mount, str) and ":" in mount:
            source = mount.partition(":")[0].strip()
            if source.startswith(("/", ".", "~")):  # others are names of volumes
                yield source
        elif isinstance(mount, dict) and mount.get("type", "bind") == "bind":
            yield str(mount.get("source") or "").strip()


def texts_in(found: Any) -> Iterable[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
