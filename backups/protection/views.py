from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backups.protection.overview import AGES, STATES, Overview, overview
from backups.protection.queries import OLD_AFTER


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    asked: dict[str, Any] = {
        name: request.GET.get(name, "")[:300] for name in ("search", "state", "stack")
    }
    age = request.GET.get("older_than", "")
    older_than = int(age) if age in map(str, AGES) else OLD_AFTER
    shown = {"older_than": older_than, "page": request.GET.get("page", "1")[:10]}
    seen = overview(**asked | shown)
    context = asked | {"seen": seen, "page": seen.page} | toolbar(seen, asked, older_than)
    page = "backups/coverage/page.html"
    return render(request, f"{page}#fragment" if request.htmx else page, context)


def toolbar(seen: Overview, asked: dict[str, str], older_than: int) -> dict[str, Any]:
    """The tabs of the states and the choices; each keeps what else is asked for."""
    kept = asked | {"older_than": "" if older_than == OLD_AFTER else str(older_than)}
    tabs = {"": "All"} | STATES
    return {
        "tabs": [
            {
                "label": label,
                "count": seen.counts.get(key, sum(seen.counts.values())),
                "current": key == (asked["state"] if asked["state"] in STATES else ""),
                "url": f"?{urlencode(given(kept | {'state': key}))}",
            }
            for key, label in tabs.items()
        ],
        "selects": [stack_select(seen, asked), age_select(older_than)],
        "kept": [("state", asked["state"])] if asked["state"] else [],
    }


def given(asked: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def stack_select(seen: Overview, asked: dict[str, str]) -> dict[str, Any]:
    options = [("", "All stacks"), *((stack, stack) for stack in seen.stacks)]
    return {"name": "stack", "label": "Stack", "value": asked["stack"], "options": options}


def age_select(older_than: int) -> dict[str, Any]:
    options = [(str(days), f"Old after {days} day{'s' if days > 1 else ''}") for days in AGES]
    return {"name": "older_than", "label": "Age", "value": str(older_than), "options": options}
