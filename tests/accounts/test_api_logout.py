from django.test import Client


def test_ends_the_session(admin_client):
    answer = admin_client.post("/api/logout", content_type="application/json")
    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    assert admin_client.get("/api/auth-status").json()["authenticated"] is False


def test_is_no_error_when_signed_out(stranger_client):
    assert stranger_client.post("/api/logout", content_type="application/json").json() == {
        "success": True
    }


def test_works_while_a_change_of_the_password_is_due(newcomer_client):
    assert newcomer_client.post("/api/logout", content_type="application/json").status_code == 200
    assert newcomer_client.get("/api/auth-status").json()["authenticated"] is False


def test_another_site_cannot_sign_anybody_out(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = client.post("/api/logout", content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"
    assert client.get("/api/auth-status").json()["authenticated"] is True
