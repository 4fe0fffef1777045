"""What is asked before something in a volume is changed."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from containermonkey import figures
from volumes.files.paths import inner, spelled
from volumes.files.presentation import crumbs_of, url_of
from volumes.files.writing.deleting import MOST_COUNTED, Chosen
from volumes.files.writing.uploads import target_of


def folder_context(volume: str, path: str) -> dict[str, Any]:
    """Where something will be put. What would be in its way is raised before anybody is asked."""
    with target_of(volume, path, overwrite=False) as target:
        here = "/" + spelled(target.path)
    return {
        "name": volume,
        "path": here,
        "crumbs": crumbs_of(volume, here),
        "back": url_of("volumes:files:folder", volume, here),
        "upload": url_of("volumes:files:upload", volume, here),
        "api": url_of("api:upload_files", volume, here),
    }


def deletion_context(volume: str, found: Sequence[Chosen]) -> dict[str, Any]:
    """What is lost when these are deleted."""
    inside = sum(each.inside or 0 for each in found)
    named = f"“{name_of(found[0].path)}”" if len(found) == 1 else counted(found)
    return {
        "title": f"Delete {named}?",
        "action": reverse("volumes:files:delete", args=[volume]),
        "found": found,
        "inside": f"{'at least ' if inside >= MOST_COUNTED else ''}{inside:,}" if inside else "",
        "submit": "Delete",
        "cancel_url": url_of("volumes:files:folder", volume, folder_of(found[0].path)),
    }


def counted(found: Sequence[Chosen]) -> str:
    """`2 folders and 1 file`"""
    folders = sum(1 for each in found if each.inside is not None)
    kinds = [(folders, "folder"), (len(found) - folders, "file")]
    return " and ".join(figures.counted(n, word) for n, word in kinds if n)


def folder_of(path: str) -> str:
    """The folder of what is at a spelled path, spelled too."""
    return "/" + spelled(inner(path).rpartition("/")[0])


def name_of(path: str) -> str:
    """The name of what is at a spelled path, spelled too."""
    return spelled(inner(path).rpartition("/")[2])
