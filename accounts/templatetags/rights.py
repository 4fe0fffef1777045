"""Buttons and links of what somebody may not do: they stay where they are, and say why."""

from typing import Any

from django import template
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe

from accounts.offering import address_of, link_to, why_not

register = template.Library()


@register.simple_tag
def leads_to(target: str, *arguments: Any, more: str = "", act: str = "") -> SafeString:
    """The `href` of a link, by an address or its name; `more` is put behind it.

    Where whoever sees it lacks the right that the page takes, the link leads nowhere and says so.
    `act` is what following it is, where the page alone does not tell.
    """
    attributes = flatatt(link_to(f"{address_of(target, arguments)}{more}", act))
    return mark_safe(attributes.lstrip())  # noqa: S308 - made by flatatt, which escapes


@register.simple_tag
def unless_may(target: str, *arguments: Any) -> SafeString:
    """What disables a button, and says why, for those who lack the right that it takes.

    `target` is an act, or an address that is posted to, or the name of one.
    """
    reason = why_not(address_of(target, arguments), "POST")
    return flatatt({"disabled": bool(reason), "title": reason or None})


@register.filter
def may(act: str) -> bool:
    """Whether whoever sees the page has the right that an act takes: `"job.log"|may`."""
    return not why_not(act, "POST")


@register.simple_tag
def refusal(act: str) -> str:
    """Why whoever sees the page may not do something, as a sentence."""
    return why_not(act, "POST")
