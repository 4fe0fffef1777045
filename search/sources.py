"""All that can be searched, read from the apps that it belongs to."""

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse

from accounts.audit import current_actor
from accounts.offering import why_not
from accounts.rights import right_for
from backups import overview
from containermonkey import figures
from containermonkey.navigation import ENTRIES
from containermonkey.threads import side_by_side
from containers.queries import all_containers
from images.listing import list_images
from networks.queries import list_networks
from search.types import Thing
from stacks.services import stacks_and_lost_ones
from volumes.listing import list_volumes

MORE_PAGES = (
    ("Deploy a stack", "stacks:deploy", "compose file"),
    ("Pull an image", "pulling:pull", "download registry"),
    ("Import an image", "image_transfer:import", "load tar upload"),
    ("Registries", "registries:list", "sign-in credentials"),
    ("New volume", "volumes:create", "create"),
    ("New network", "networks:new", "create"),
    ("New schedule", "backups:schedules:new", "create cron"),
    ("Upload a backup", "backups:upload", "archive"),
    ("Upload a network’s backup", "backups:upload_network", "archive"),
    ("Change your password", "accounts:password", "account user"),
    ("Second factor", "accounts:second_factor", "account authenticator app code recovery"),
    ("Sessions", "accounts:sessions", "account signed in browsers"),
    ("API tokens", "accounts:tokens", "account bearer programs scripts"),
    ("Administration", "admin:index", "admin users"),
)
"""Pages that the sidebar does not lead to: label, name of the address, further words."""


def on_host() -> list[Thing]:
    """Everything on the Docker host; a fixed number of the Engine's calls, side by side."""
    readers = (containers, stacks, images, volumes, networks)
    return [thing for found in side_by_side(lambda read: read(), readers) for thing in found]


def containers() -> list[Thing]:
    return [
        thing(
            *("container", each.name, each.image, page_of("containers", each.name)),
            [each.id, each.stack or "", *pairs(each.labels)],
        )
        for each in all_containers()
    ]


def stacks() -> list[Thing]:
    return [
        thing(
            *("stack", each.name, each.kind, page_of("stacks", each.name)),
            [text for service in each.services for text in (service.name, service.image)],
        )
        for each in stacks_and_lost_ones()
    ]


def images() -> list[Thing]:
    """Each image by each of its names."""
    return [
        thing(
            *("image", name, figures.size(each.size), reverse("images:detail", args=[each.id])),
            [each.id, *pairs(each.labels)],
        )
        for each in list_images()
        for name in each.tags or [each.title]
    ]


def volumes() -> list[Thing]:
    return [
        thing(
            *("volume", each.name, each.driver, page_of("volumes", each.name)),
            [*each.in_use_by, *pairs(each.labels)],
        )
        for each in list_volumes()
    ]


def networks() -> list[Thing]:
    return [
        thing(
            *("network", each.name, ", ".join([each.driver, *each.subnets])),
            reverse("networks:detail", args=[each.id]),
            [each.id, *pairs(each.labels)],
        )
        for each in list_networks()
    ]


def backups(search: str, most: int) -> tuple[list[Thing], int]:
    """The newest backups that match, and how many there are. One page of the database's rows."""
    found = overview.matching(search).order_by(overview.NEWEST_FIRST)
    things = [
        thing(
            *("backup", each.filename, f"{each.container_name}, {figures.moment(each.created)}"),
            reverse("backups:detail", args=[each.filename]),
            [each.image],
        )
        for each in found[:most]
    ]
    return things, found.count()


def pages() -> list[Thing]:
    """The pages of this program that whoever asks may see."""
    rights = current_actor().rights
    open_to_them = [each for each in ENTRIES if right_for(each.act) in rights]
    return [
        *(thing("page", each.label, each.group, reverse(each.view)) for each in open_to_them),
        *(
            thing("page", label, "", reverse(view), [words])
            for label, view, words in MORE_PAGES
            if not why_not(reverse(view), "GET")
        ),
    ]


def page_of(app: str, name: str) -> str:
    """The page of something; the list where no address can have its name, as a label may say."""
    try:
        return reverse(f"{app}:detail", args=[name])
    except NoReverseMatch:
        return reverse(f"{app}:list")


def thing(kind: str, label: str, detail: str, url: str, more: Iterable[str] = ()) -> Thing:
    return Thing(kind, label, detail, url, "\n".join([label, detail, *more]).casefold())


def pairs(labels: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in labels.items()]
