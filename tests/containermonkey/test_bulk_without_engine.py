"""Acts on several things with the Engine away."""

import pytest

JSON = "application/json"

CALLS = {
    "/api/containers/bulk": {"action": "stop", "ids": ["a", "b"]},
    "/api/images/delete": {"ids": ["a", "b"]},
    "/api/networks/delete": {"ids": ["a", "b"]},
    "/api/networks/prune": {"ids": ["a", "b"]},
    "/api/volumes/delete": {"names": ["a", "b"]},
    "/api/volumes/prune": {"names": ["a", "b"]},
    "/api/stacks/bulk": {"action": "stop", "names": ["a", "b"]},
    "/api/cleanup/dangling-images": {},
}


def test_where_the_engine_is_away_from_the_start_nothing_is_answered_one_by_one(
    admin_client, engine
):
    engine.kill()
    for path, body in CALLS.items():
        answer = admin_client.post(path, body, content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (503, "engine_unreachable"), path


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/networks/-/delete/", {"id": ["a"], "confirmed": "1"}),
        ("/volumes/-/delete/", {"id": ["a"], "confirmed": "1"}),
    ],
)
def test_the_page_says_so_too(admin_client, settings, path, names):
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    answer = admin_client.post(path, names)
    assert answer.status_code == 503
    assert "cannot be reached" in answer.content.decode()
