"""What every answer tells browsers and caches, at every address there is."""

import pytest

from tests import addresses

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ALIKE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_safe(answer) -> None:
    policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy == POLICY
    assert {name: answer.headers[name] for name in ALIKE} == ALIKE
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("address", addresses.addresses(), ids=str)
def test_every_answer_is_safe(address, admin_client, stranger_client, settings, tmp_path):
    settings.DOCKER_HOST = f"unix://{tmp_path}/none.sock"
    for client in (admin_client, stranger_client):
        answer = client.get(address.path)
        assert_safe(answer)
        kept = answer.headers["Cache-Control"]
        assert "no-store" in kept or kept == "private, no-cache", kept


def test_static_files_and_refusals_are_safe_too(stranger_client):
    for path, host in (("/static/img/icon.svg", "nas"), ("/", "evil.example")):
        assert_safe(stranger_client.get(path, headers={"Host": host}))


def test_over_tls_browsers_are_told_to_stay_there(stranger_client, settings):
    answer = stranger_client.get("/accounts/sign-in/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "path",
    [
        *("/api/docs", "/admin/", "/admin/accounts/user/", "/admin/accounts/user/1/change/"),
        *("/admin/accounts/user/add/", "/admin/jobs/job/", "/admin/accounts/auditentry/"),
    ],
)
def test_pages_that_are_not_ours_work_under_the_policy(path, page, watch):
    from tests.browser import sign_in

    sign_in(page)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    if path == "/api/docs":
        page.locator(".opblock-summary-control").nth(4).click()
        page.locator(".try-out__btn").first.click()
    assert page.evaluate("document.styleSheets.length") > 0
