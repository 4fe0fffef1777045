import pytest
from django.test import Client


@pytest.fixture
def client(admin_client: Client) -> Client:
    """Somebody who may do everything; what each role may is told in `accounts/test_rights.py`."""
    return admin_client
