from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.services import search_everywhere

MOST = 20
MOST_AT_ONCE = 5
"""Things of a kind on the page, and below the field of the top bar."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The page; to htmx, what is shown below the field while somebody types."""
    words = request.GET.get("search", "")[:300]
    found = search_everywhere(words, MOST_AT_ONCE if request.htmx else MOST)
    template = "search/hits.html" if request.htmx else "search/page.html"
    return render(request, template, {"found": found})
