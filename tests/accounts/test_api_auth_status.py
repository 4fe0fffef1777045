from django.test import Client

from accounts.models import User


def test_of_a_stranger(stranger_client):
    answer = stranger_client.get("/api/auth-status").json()
    assert answer.pop("csrf_token")
    assert answer == {"authenticated": False, "username": None, "must_change_password": False}


def test_of_somebody_signed_in(admin_client):
    answer = admin_client.get("/api/auth-status").json()
    assert answer.pop("csrf_token")
    assert answer == {"authenticated": True, "username": "ada", "must_change_password": False}


def test_of_the_first_user(newcomer_client):
    assert newcomer_client.get("/api/auth-status").json()["must_change_password"] is True


def test_of_the_first_user_where_the_default_password_is_allowed(newcomer_client, settings):
    settings.ALLOW_DEFAULT_PASSWORD = True
    assert newcomer_client.get("/api/auth-status").json()["must_change_password"] is False


def test_of_somebody_who_was_made_inactive(admin_client):
    User.objects.update(is_active=False)
    assert admin_client.get("/api/auth-status").json()["authenticated"] is False


def test_its_token_is_good_for_unsafe_calls(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    status = client.get("/api/auth-status")
    assert "csrftoken" in status.cookies
    token = status.json()["csrf_token"]
    assert (
        client.post(
            "/api/logout", content_type="application/json", headers={"X-CSRFToken": token}
        ).status_code
        == 200
    )
