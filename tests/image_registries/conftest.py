import pytest

from images.registries.services import SignIn
from tests.registry import ADDRESS, Registry

PASSWORD = "a-secret-word"


@pytest.fixture
def guarded(registry: Registry) -> Registry:
    """A registry that lets in only otto, with his password."""
    registry.require("otto", PASSWORD)
    return registry


@pytest.fixture
def otto() -> SignIn:
    return SignIn(ADDRESS, "otto", PASSWORD)
