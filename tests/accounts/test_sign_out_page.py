from pytest_django.asserts import assertRedirects

PAGE = "/accounts/sign-out/"


def test_ends_the_session(admin_client):
    assertRedirects(admin_client.post(PAGE), "/accounts/sign-in/")
    assert admin_client.get("/api/auth-status").json()["authenticated"] is False


def test_a_link_cannot_sign_anybody_out(admin_client):
    assert admin_client.get(PAGE).status_code == 405
    assert admin_client.get("/api/auth-status").json()["authenticated"] is True


def test_works_while_a_change_of_the_password_is_due(newcomer_client):
    assertRedirects(newcomer_client.post(PAGE), "/accounts/sign-in/")
