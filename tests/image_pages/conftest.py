from contextlib import suppress

import pytest
from django.test import Client
from docker import APIClient
from docker.errors import ImageNotFound

from engine.helpers import EMPTY_IMAGE
from tests.arrange import ContainerMaker
from tests.images import build_empty, build_small


@pytest.fixture
def client(admin_client: Client) -> Client:
    """Somebody who may do everything; what each role may is told in `accounts/test_rights.py`."""
    return admin_client


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> dict[str, str]:
    """The ids of an image that `web` uses, one with two names, one without any, and busybox."""
    used = build_small(docker, "shop/web:1", ["LABEL tier=gold", "ENV PASSWORD=s3cret"])
    spare = build_small(docker, "spare:1", ["LABEL spare=yes"])
    docker.tag(spare, "other/spare", "2")
    lost = build_empty(docker, "lost:1")
    docker.tag(used, "lost", "1")  # the name moves on, and the image stays without one
    docker.remove_image("lost:1")
    make_container("web", image="shop/web:1", start=False)
    return {"used": used, "spare": spare, "lost": lost}


@pytest.fixture(autouse=True)
def _on_an_engine(docker: APIClient) -> None:
    """Everything here asks the Engine and counts its images, among which are no others'."""
    with suppress(ImageNotFound):
        docker.remove_image(EMPTY_IMAGE, force=True)
