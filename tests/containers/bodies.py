"""Containers with everything that the Engine lets one ask for, and making them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.recreate import create_container
from engine import Docker, engine
from tests.images import BUSYBOX

SECOND = 1_000_000_000


@contextmanager
def the_engine() -> Iterator[Docker]:
    """The client as services have it."""
    with engine() as docker:
        yield docker


def make(name: str, body: dict[str, Any], *, start: bool = False) -> dict[str, Any]:
    """Make a container from a create body as it is; its inspect."""
    with engine() as docker:
        created = docker.create_from_body({"Image": BUSYBOX, "HostConfig": {}} | body, name=name)
        if start:
            docker.start(created)
        return docker.inspect_container(created)


def inspect(reference: str) -> dict[str, Any]:
    with engine() as docker:
        return docker.inspect_container(reference)


def make_again(
    old: dict[str, Any], name: str, *, changes: Changes | None = None, start: bool = False
) -> dict[str, Any]:
    """Make an inspected container again under another name; its inspect."""
    with engine() as docker:
        networks = endpoints(old, changes=changes)
        new = create_container(docker, create_body(old, changes=changes), networks, name)
        if start:
            docker.start(new)
        return docker.inspect_container(new)


def everything() -> dict[str, Any]:
    """A create body that uses every setting for which no special hardware is needed."""
    return {
        "Hostname": "chosen",
        "Domainname": "example.test",
        "User": "1000:1000",
        "AttachStdout": True,
        "AttachStderr": True,
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "99/tcp": {}},
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "Env": ["A=1", "EMPTY=", "UNSET", "QUOTES='\"$x`", "UTF=žluťoučký"],
        "Cmd": ["/bin/idle", "an argument", "", "$HOME"],
        "Healthcheck": {
            "Test": ["CMD", "/bin/true", "x y"],
            "Interval": 7 * SECOND,
            "Timeout": 3 * SECOND,
            "StartPeriod": 2 * SECOND,
            "Retries": 4,
        },
        "Image": BUSYBOX,
        "WorkingDir": "/tmp",
        "Entrypoint": ["/bin/sh", "-c", 'exec "$0" "$@"'],
        "OnBuild": None,
        "Labels": {
            "empty": "",
            "com.example.a": "b=c",
            "<b>": "\"';--",
            "com.docker.compose.x": "y",
        },
        "MacAddress": "02:42:aa:bb:cc:dd",
        "StopSignal": "SIGQUIT",
        "StopTimeout": 3,
        "Shell": ["/bin/sh", "-c"],
        "HostConfig": everything_of_host(),
    }


def everything_of_host() -> dict[str, Any]:
    rate = [{"Path": "/dev/null", "Rate": 1048576}]
    return {
        "Binds": [
            "named:/named:ro,nocopy",
            "/etc:/host/etc:ro,rslave",
            "/etc/hosts:/h:z",
            "/in-binds",
        ],
        "ContainerIDFile": "/somewhere/cid",
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "3"}},
        "NetworkMode": "front",
        "PortBindings": {
            "80/tcp": [
                {"HostIp": "127.0.0.1", "HostPort": "18080"},
                {"HostIp": "", "HostPort": "18081"},
            ],
            "53/udp": [{"HostIp": "", "HostPort": ""}],
        },
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5},
        "VolumeDriver": "local",
        "CapAdd": ["NET_ADMIN", "CAP_SYS_TIME"],
        "CapDrop": ["MKNOD"],
        "CgroupnsMode": "host",
        "Dns": ["10.9.8.7", "10.9.8.6"],
        "DnsOptions": ["ndots:3"],
        "DnsSearch": ["example.test"],
        "ExtraHosts": ["one:10.0.0.1", "two:10.0.0.2"],
        "GroupAdd": ["10", "staff"],
        "IpcMode": "shareable",
        "OomScoreAdj": 500,
        "PidMode": "host",
        "PublishAllPorts": True,
        "ReadonlyRootfs": True,
        "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
        "Tmpfs": {"/run": "", "/scratch": "rw,noexec,size=65536k"},
        "UTSMode": "",
        "ShmSize": 33554432,
        "Sysctls": {"net.ipv4.ip_forward": "1", "net.core.somaxconn": "512"},
        "Runtime": "runc",
        "CpuShares": 512,
        "Memory": 268435456,
        "MemoryReservation": 134217728,
        "MemorySwap": 536870912,
        "MemorySwappiness": 0,
        "CpuPeriod": 50000,
        "CpuQuota": 25000,
        "CpusetCpus": "0",
        "CpusetMems": "0",
        "BlkioDeviceReadBps": rate,
        "BlkioDeviceWriteBps": rate,
        "BlkioDeviceReadIOps": rate,
        "BlkioDeviceWriteIOps": rate,
        "Devices": [
            {"PathOnHost": "/dev/null", "PathInContainer": "/dev/nil", "CgroupPermissions": "rw"}
        ],
        "DeviceCgroupRules": ["c 1:3 rwm"],
        "DeviceRequests": [
            {
                "Driver": "nvidia",
                "Count": -1,
                "DeviceIDs": None,
                "Capabilities": [["gpu", "compute"]],
                "Options": {"a": "b"},
            }
        ],
        "OomKillDisable": True,
        "PidsLimit": 64,
        "Init": True,
        "Ulimits": [
            {"Name": "nofile", "Soft": 1024, "Hard": 2048},
            {"Name": "nproc", "Soft": 64, "Hard": 64},
        ],
        "Mounts": [
            {
                "Type": "volume",
                "Source": "with-options",
                "Target": "/options",
                "VolumeOptions": {
                    "NoCopy": True,
                    "Labels": {"l": "v"},
                    "DriverConfig": {
                        "Name": "local",
                        "Options": {"type": "tmpfs", "device": "tmpfs"},
                    },
                },
            },
            {"Type": "volume", "Target": "/nameless"},
            {
                "Type": "bind",
                "Source": "/usr",
                "Target": "/usr-of-host",
                "ReadOnly": True,
                "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
            },
            {
                "Type": "tmpfs",
                "Target": "/small",
                "TmpfsOptions": {"SizeBytes": 65536, "Mode": 448},
            },
        ],
        "MaskedPaths": ["/proc/kcore"],
        "ReadonlyPaths": [],
    }
