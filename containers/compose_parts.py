"""The parts of a compose file that are written differently from how the Engine puts them."""

from collections.abc import Iterable, Mapping
from typing import Any

MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000

PROPAGATIONS = {"shared", "slave", "private", "rshared", "rslave", "rprivate"}


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def duration(nanoseconds: int | None) -> str | None:
    """A span of time with its unit."""
    if not nanoseconds:
        return None
    for unit, length in (("s", SECOND), ("ms", MILLISECOND)):
        if nanoseconds % length == 0:
            return f"{nanoseconds // length}{unit}"
    return f"{max(nanoseconds // MICROSECOND, 1)}us"


def ports(bindings: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """`HostConfig.PortBindings` in the long form."""
    return [
        present(
            {
                "target": int(port.partition("/")[0]),
                "published": binding.get("HostPort"),
                "host_ip": binding.get("HostIp"),
                "protocol": port.partition("/")[2] or "tcp",
            }
        )
        for port, each in (bindings or {}).items()
        for binding in each or [{}]
    ]


def expose(exposed: Mapping[str, Any] | None, bindings: Mapping[str, Any] | None) -> list[str]:
    """The ports that are exposed and not published."""
    return [port.removesuffix("/tcp") for port in exposed or {} if port not in (bindings or {})]


def volumes(host: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`Binds` and `Mounts` in the long form."""
    return [bind(text) for text in host.get("Binds") or []] + [
        mount(each) for each in host.get("Mounts") or []
    ]


def bind(text: str) -> dict[str, Any]:
    """An entry of `Binds`: `source:target:options`."""
    source, target, options = [*text.split(":", 2), "", ""][:3]
    words = set(options.split(",")) - {""}
    is_path = source.startswith("/")
    propagation = next(iter(words & PROPAGATIONS), None)
    selinux = next(iter(words & {"z", "Z"}), None)
    details = {"propagation": propagation, "create_host_path": True, "selinux": selinux}
    return present(
        {
            "type": "bind" if is_path else "volume",
            "source": source,
            "target": target,
            "read_only": "ro" in words or None,
            "bind": present(details) if is_path else None,
            "volume": {"nocopy": True} if "nocopy" in words and not is_path else None,
        }
    )


def mount(each: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of `Mounts`."""
    bind_options = each.get("BindOptions") or {}
    volume_options = each.get("VolumeOptions") or {}
    tmpfs_options = each.get("TmpfsOptions") or {}
    return present(
        {
            "type": each["Type"],
            "source": each.get("Source"),
            "target": each["Target"],
            "read_only": each.get("ReadOnly") or None,
            "consistency": each.get("Consistency"),
            "bind": present({"propagation": bind_options.get("Propagation")}),
            "volume": present(
                {
                    "nocopy": volume_options.get("NoCopy") or None,
                    "subpath": volume_options.get("Subpath"),
                }
            ),
            "tmpfs": present(
                {
                    "size": tmpfs_options.get("SizeBytes") or None,
                    "mode": tmpfs_options.get("Mode") or None,
                }
            ),
        }
    )


def volume_definitions(
    used: Iterable[Mapping[str, Any]], known: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The named volumes that the service uses; `known` are inspects of volumes."""
    by_name = {volume["Name"]: volume for volume in known}
    names = [each["source"] for each in used if each["type"] == "volume" and each.get("source")]
    found = {}
    for name in dict.fromkeys(names):
        volume = by_name.get(name, {})
        driver = volume.get("Driver")
        found[name] = present(
            {
                "name": name,
                "driver": driver if driver != "local" else None,
                "driver_opts": volume.get("Options"),
                "labels": without_compose(volume.get("Labels")),
            }
        )
    return found


def network_definition(network: Mapping[str, Any]) -> dict[str, Any]:
    """A network from its inspect."""
    ipam = network.get("IPAM") or {}
    pools = [
        present(
            {
                "subnet": pool.get("Subnet"),
                "ip_range": pool.get("IPRange"),
                "gateway": pool.get("Gateway"),
                "aux_addresses": pool.get("AuxiliaryAddresses") or pool.get("AuxAddress"),
            }
        )
        for pool in ipam.get("Config") or []
    ]
    driver = ipam.get("Driver")
    return present(
        {
            "name": network["Name"],
            "driver": network.get("Driver"),
            "driver_opts": network.get("Options"),
            "internal": network.get("Internal") or None,
            "attachable": network.get("Attachable") or None,
            "enable_ipv6": network.get("EnableIPv6") or None,
            "ipam": present(
                {
                    "driver": driver if driver != "default" else None,
                    "config": pools,
                    "options": ipam.get("Options"),
                }
            ),
            "labels": without_compose(network.get("Labels")),
        }
    )


def attachment(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """What the service asks of a network it is on."""
    addresses = endpoint.get("IPAMConfig") or {}
    return present(
        {
            "aliases": endpoint.get("Aliases"),
            "ipv4_address": addresses.get("IPv4Address"),
            "ipv6_address": addresses.get("IPv6Address"),
            "link_local_ips": addresses.get("LinkLocalIPs"),
            "mac_address": endpoint.get("MacAddress"),
            "driver_opts": endpoint.get("DriverOpts"),
            "gw_priority": endpoint.get("GwPriority") or None,
        }
    )


def healthcheck(check: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A healthcheck, or that there is to be none."""
    if not check:
        return None
    if (check.get("Test") or [None])[0] == "NONE":
        return {"disable": True}
    return present(
        {
            "test": check.get("Test"),
            "interval": duration(check.get("Interval")),
            "timeout": duration(check.get("Timeout")),
            "start_period": duration(check.get("StartPeriod")),
            "start_interval": duration(check.get("StartInterval")),
            "retries": check.get("Retries") or None,
        }
    )


def restart(policy: Mapping[str, Any] | None) -> str | None:
    """A restart policy in one word, with the number of tries where there is one."""
    name = (policy or {}).get("Name") or "no"
    tries = (policy or {}).get("MaximumRetryCount") or 0
    return None if name == "no" else f"{name}:{tries}" if tries else name


def blkio(host: Mapping[str, Any]) -> dict[str, Any]:
    """The limits on reading and writing of block devices."""

    def rates(field: str, value: str = "rate") -> list[dict[str, Any]]:
        key = "Weight" if value == "weight" else "Rate"
        return [{"path": each["Path"], value: each[key]} for each in host.get(field) or []]

    return present(
        {
            "weight": host.get("BlkioWeight") or None,
            "weight_device": rates("BlkioWeightDevice", "weight"),
            "device_read_bps": rates("BlkioDeviceReadBps"),
            "device_write_bps": rates("BlkioDeviceWriteBps"),
            "device_read_iops": rates("BlkioDeviceReadIOps"),
            "device_write_iops": rates("BlkioDeviceWriteIOps"),
        }
    )


def deploy(requests: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Requests for devices such as GPUs."""
    devices = [
        present(
            {
                "driver": each.get("Driver"),
                "count": "all" if each.get("Count") == -1 else each.get("Count") or None,
                "device_ids": each.get("DeviceIDs"),
                "capabilities": [
                    word for words in each.get("Capabilities") or [] for word in words
                ],
                "options": each.get("Options"),
            }
        )
        for each in requests or []
    ]
    return {"resources": {"reservations": {"devices": devices}}} if devices else {}


def without_compose(labels: Mapping[str, str] | None) -> dict[str, str]:
    """Labels but those that compose puts there itself."""
    return {
        key: value
        for key, value in (labels or {}).items()
        if not key.startswith("com.docker.compose.")
    }
