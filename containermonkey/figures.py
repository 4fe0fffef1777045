"""Figures as people read them: sizes, rates, lengths of time and points in time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

UNKNOWN = "–"
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
DECIMAL = ("B/s", "kB/s", "MB/s", "GB/s")


def size(amount: float | None) -> str:
    """1825361101 bytes as `1.7 GiB`; at most three digits and one of them after the point."""
    if amount is None:
        return UNKNOWN
    power = power_of(amount, 1024, len(BINARY))
    return f"{digits(amount / 1024**power)} {BINARY[power]}"


def rate(amount: float | None) -> str:
    """Bytes a second as `212 MB/s`, in the decimal units that networks and disks are sold by."""
    if amount is None:
        return UNKNOWN
    power = power_of(amount, 1000, len(DECIMAL))
    return f"{digits(amount / 1000**power)} {DECIMAL[power]}"


def part_of(done: float, total: float | None) -> str:
    """How much of how much, in one unit: `4.1 of 6.6 GiB`."""
    if not total:
        return size(done)
    power = power_of(total, 1024, len(BINARY))
    unit = BINARY[power]
    return f"{digits(done / 1024**power)} of {digits(total / 1024**power)} {unit}"


def power_of(amount: float, base: int, units: int) -> int:
    """The unit in which `amount`, rounded as it will be shown, stays under `base`."""
    power = 0
    while power < units - 1 and round(amount / base**power, 1) >= base - 0.5:
        power += 1
    return power


def digits(amount: float) -> str:
    text = f"{amount:.0f}" if amount >= 99.95 else f"{amount:.1f}"
    return text.removesuffix(".0")


def duration(length: float | timedelta | None) -> str:
    """Seconds as `3 d 4 h`, `41 min`, `8 s` or `1.8 s`: the largest unit and the one below it."""
    if length is None:
        return UNKNOWN
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{digits(seconds)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return joined(whole, 60, "min", 1, "s")
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return joined(whole, 3600, "h", 60, "min")
    return joined(whole, 86400, "d", 3600, "h")


def joined(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    first = f"{whole // large} {large_name}"
    return f"{first} {rest} {small_name}" if rest else first


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`2 h ago`, `in 5 min`, `just now`; the date once it is more than two weeks away."""
    now = now or datetime.now(UTC)
    seconds = (now - moment).total_seconds()
    if abs(seconds) > 14 * 86400:
        return f"{moment.astimezone(UTC):%-d %b %Y}"
    if abs(seconds) < 5:
        return "just now"
    text = rounded(abs(seconds))
    return f"{text} ago" if seconds > 0 else f"in {text}"


def rounded(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit:.0f} {name}"
    return f"{seconds:.0f} s"


def moment(when: datetime) -> str:
    """A point in time in full, in UTC as everything here is."""
    return f"{when.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def local(when: datetime, zone: str) -> str:
    """A point in time on the clocks of a time zone: `Tue 16 Jun 2026, 02:30 CEST`."""
    return f"{when.astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M %Z}"


def counted(number: int, noun: str) -> str:
    """`1 image` and `2 images`, of what takes an s where there are several."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def time_left(seconds: float | None) -> str:
    """`about 12 s left`; nothing while it cannot be known."""
    if seconds is None:
        return ""
    return f"about {duration(max(round(seconds), 1))} left"
