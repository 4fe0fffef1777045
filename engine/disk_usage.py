"""How much room things take on the Docker host, as its Engine counts it."""

from engine.client import STREAM_TIMEOUT, Docker


def volume_sizes(docker: Docker) -> dict[str, int]:
    """The bytes in every volume, by its name; those that the Engine cannot count are left out.

    The Engine walks all of them for that, which takes long on a host that holds much.
    """
    # Engines before API 1.42 do not know the parameter and count everything.
    response = docker._get(
        docker._url("/system/df"), params={"type": "volume"}, timeout=STREAM_TIMEOUT
    )
    volumes = docker._result(response, True).get("Volumes") or []
    sizes = {item["Name"]: (item.get("UsageData") or {}).get("Size", -1) for item in volumes}
    return {name: size for name, size in sizes.items() if size >= 0}
