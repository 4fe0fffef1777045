"""How a volume is told about on its page."""

from containermonkey import figures
from volumes.sizes import remembered_sizes
from volumes.types import VolumeDetails


def facts(volume: VolumeDetails) -> list[tuple[str, str]]:
    """The plain lines; what is not set is left out."""
    lines = [
        ("Driver", volume.driver),
        ("Scope", volume.scope),
        ("Size", size_of(volume.name)),
        ("Stack", volume.stack or ""),
        ("Created", figures.moment(volume.created) if volume.created else ""),
        ("Folder on the host", volume.mountpoint),
        *((f"Option {name}", value) for name, value in sorted(volume.options.items())),
    ]
    return [(name, value) for name, value in lines if value]


def size_of(name: str) -> str:
    """What was counted lately, in words; nothing where nobody asked."""
    known = remembered_sizes()
    if known is None or name not in known.of:
        return ""
    return f"{figures.size(known.of[name])}, counted {figures.ago(known.counted_at)}"
