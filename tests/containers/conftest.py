import pytest
from django.test import Client


@pytest.fixture(params=["admin_client", "operator_client"])
def client(request) -> Client:
    """Everybody who is signed in, one after the other."""
    return request.getfixturevalue(request.param)
