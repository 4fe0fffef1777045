"""The parts of the pages that are too small for a template file of their own, and the figures.

templates/components/README.md shows how each is used.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms.utils import flatatt
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.offering import link_to, why_not
from containermonkey import figures, looks
from containermonkey.looks import Look
from containermonkey.sparks import Spark

register = template.Library()

TONES = {"success": "ok", "warning": "warn", "error": "bad"}
"""From the levels of Django's messages; the others are only said: info."""

FULL = 85
"""Percent from which a meter is drawn in the colour of trouble."""


# Icons and badges


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless `label` says in words what it means."""
    return drawn(name, classes) if not label else labelled(name, classes, label)


@lru_cache(maxsize=512)
def drawn(name: str, classes: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        f"icon {classes}".strip(),
        static("vendor/icons.svg"),
        name,
    )


def labelled(name: str, classes: str, label: str) -> SafeString:
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}#i-{}"></use></svg>',
        f"icon {classes}".strip(),
        label,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def badge(tone: str, word: str, *, icon: str = "") -> SafeString:
    """A word on the soft ground of its tone: ok, warn, bad, info or idle."""
    return badge_of(Look(word, tone, icon or looks.DOT))


@register.simple_tag
def container_badge(container: Any) -> SafeString:
    """The badge of something with `status`, `health` and `status_text`."""
    return badge_of(
        looks.of_container(
            container.status,
            getattr(container, "health", None),
            getattr(container, "status_text", ""),
        )
    )


@register.simple_tag
def job_badge(status: str) -> SafeString:
    return badge_of(looks.of_job(status))


def badge_of(look: Look) -> SafeString:
    if look.icon == looks.DOT:
        sign = mark_safe('<span class="dot"></span>')
    else:
        sign = drawn(look.icon, "spin" if look.turning else "")
    return format_html('<span class="badge {}">{}{}</span>', look.tone, sign, look.word)


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of a kind of job, for `{% icon job.kind|kind_icon %}`."""
    return looks.of_kind(kind).icon


@register.filter
def kind_word(kind: str) -> str:
    """What a kind of job is called: `Backup`, for `Backup of immich`."""
    return looks.of_kind(kind).word


@register.filter
def origin_words(origin: str) -> str:
    """How an archive came here."""
    return looks.ORIGIN.get(origin, origin)


@register.filter
def tone_icon(tone: str) -> str:
    return looks.TONE.get(tone, looks.TONE["info"]).icon


@register.filter
def tone(message: Message) -> str:
    """The tone of a message of Django's."""
    return TONES.get(message.level_tag, "info")


@register.filter
def problem_title(status: int) -> str:
    return looks.of_problem(status).word


@register.filter
def problem_icon(status: int) -> str:
    return looks.of_problem(status).icon


# Buttons that show an icon alone


@register.simple_tag
def icon_button(picture: str, label: str, **attributes: Any) -> SafeString:
    """A button (with `href`: a link) that shows only an icon, named for everybody by `label`.

    Further arguments become attributes, `_` as `-`: name="action" value="stop" data_dialog=True.
    It is disabled, and says why, for those who lack the right that its `href` or `formaction`
    takes; `act` is what it does where neither tells, as an act or an address.
    """
    classes = f"ib {attributes.pop('class', '')}".strip()
    act = attributes.pop("act", "")
    shown = {key.replace("_", "-").strip("-"): value for key, value in attributes.items()}
    tag = "a" if "href" in shown else "button"
    shown.setdefault("title", label)
    if tag == "a":
        shown |= link_to(shown.pop("href"), act)
    else:
        shown.setdefault("type", "submit")
        does = act or shown.get("formaction", "")
        if does and (reason := why_not(does, "POST")):
            shown |= {"disabled": True, "title": reason}
    return format_html(
        '<{} class="{}" aria-label="{}"{}>{}</{}>',
        tag,
        classes,
        label,
        flatatt(shown),
        drawn(picture, ""),
        tag,
    )


# Meters and skeletons


@register.simple_tag
def spark(drawn: Spark) -> SafeString:
    """Lines over time. A page may have hundreds, and an include would take thrice as long."""
    lines = "".join(f'<path class="{line.kind}-s" d="{line.path}"></path>' for line in drawn.lines)
    return mark_safe(  # noqa: S308 - kinds and paths are the program's own words and numbers
        f'<svg class="spark" viewBox="0 0 {drawn.width} {drawn.height}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(drawn.label)}">{lines}</svg>'
    )


@register.simple_tag
def meter(percent: float | None, kind: str = "", label: str = "") -> SafeString:
    """A bar of `percent`, in the colour of `kind` (cpu, disk, else memory's) or of trouble.

    Decorative beside its number; give it a `label` where it stands alone.
    """
    share = min(max(percent or 0.0, 0.0), 100.0)
    named = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="bar {}" {}><rect class="t" width="100%" height="100%"></rect>'
        '<rect class="v" width="{}%" height="100%" rx="2"></rect></svg>',
        "bad" if share > FULL else kind,
        mark_safe(named),  # noqa: S308 - made by format_html or fixed
        f"{share:.1f}".removesuffix(".0"),
    )


@register.inclusion_tag("components/skeleton.html")
def skeleton(rows: int = 3, columns: int = 4, label: str = "Loading") -> dict[str, Any]:
    """Grey rows of the height of the real ones, for a part that is fetched later."""
    return {"rows": range(rows), "columns": range(columns), "label": label}


# Tables


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, key: str, title: str, current: str, classes: str = ""
) -> dict[str, Any]:
    """A column head that sorts by `key`; `current` is the order shown, `-key` when descending."""
    ascending, descending = current == key, current == f"-{key}"
    query = context["request"].GET.copy()
    query["sort"] = f"-{key}" if ascending else key
    query.pop("page", None)
    return {
        "title": title,
        "classes": classes,
        "query": query.urlencode(),
        "order": "ascending" if ascending else "descending" if descending else "",
    }


# Words and figures


@register.filter
def pairs(words: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The keys and values of what somebody named: `.items` would be looked for among its keys."""
    return list(words.items())


@register.filter
def size(amount: float | None) -> str:
    return figures.size(amount)


@register.filter
def rate(amount: float | None) -> str:
    return figures.rate(amount)


@register.filter
def duration(length: float | timedelta | None) -> str:
    return figures.duration(length)


@register.filter
def percent(share: float | None) -> str:
    """`62 %`, or nothing while it is not known."""
    return "" if share is None else f"{share:.0f} %"


@register.filter
def ago(when: datetime | None) -> str:
    """How long ago, with the exact time behind it."""
    return timed(when, figures.ago(when)) if when else figures.UNKNOWN


@register.filter
def age(when: datetime | None) -> str:
    """How long ago in words alone, for attributes."""
    return figures.ago(when) if when else figures.UNKNOWN


@register.filter
def moment(when: datetime | None) -> str:
    """The exact time in UTC."""
    return timed(when, figures.moment(when)) if when else figures.UNKNOWN


@register.filter
def local(when: datetime | None, zone: str) -> str:
    """The exact time in a time zone."""
    return timed(when, figures.local(when, zone)) if when else figures.UNKNOWN


def timed(when: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        figures.moment(when),
        text,
    )


@register.filter
def progress_facts(job: Any) -> str:
    """`4.1 of 6.6 GiB · 212 MB/s · about 12 s left` of a running job, as far as it is known."""
    done, total, speed = job.bytes_done, job.bytes_total, job.bytes_per_second
    left = (total - done) / speed if total and speed and total > done else None
    facts = [
        figures.part_of(done, total) if done or total else "",
        figures.rate(speed) if speed else "",
        figures.time_left(left),
    ]
    return " · ".join(fact for fact in facts if fact)


@register.filter
def initials(name: str) -> str:
    """`AL` for Ada Lindgren, `MO` for monkeysee: what stands in the round picture."""
    words = name.replace(".", " ").replace("_", " ").split()
    letters = words[0][0] + words[1][0] if len(words) > 1 else name[:2]
    return letters.upper()
