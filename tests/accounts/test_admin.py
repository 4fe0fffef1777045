from pytest_django.asserts import assertContains, assertRedirects


def test_is_signed_in_to_by_our_own_page(stranger_client):
    answer = stranger_client.get("/admin/login/?next=/admin/accounts/user/")
    assertRedirects(answer, "/accounts/sign-in/?next=/admin/accounts/user/")


def test_its_own_form_signs_nobody_in(admin, stranger_client):
    body = {"username": "ada", "password": "correct horse battery"}
    stranger_client.post("/admin/login/", body)
    assert stranger_client.get("/api/auth-status").json()["authenticated"] is False


def test_is_for_administrators(operator_client):
    answer = operator_client.get("/admin/", follow=True)
    assert answer.status_code == 403


def test_changes_the_password_on_our_own_page(admin_client):
    assertRedirects(admin_client.get("/admin/password_change/"), "/accounts/password/")


def test_lists_users(admin_client):
    assertContains(admin_client.get("/admin/accounts/user/"), "ada")


def test_can_make_a_change_of_the_password_due(admin_client, operator):
    page = admin_client.get(f"/admin/accounts/user/{operator.pk}/change/")
    assertContains(page, 'name="must_change_password"')
