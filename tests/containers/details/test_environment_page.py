"""/containers/<reference>/environment/"""

HTMX = {"HX-Request": "true"}


def made(make_container):
    make_container("web", environment=["PASSWORD=s3<b>ret", "EMPTY=", "MODE=fast"], start=False)


def test_values_are_hidden_until_asked_for(client, make_container):
    made(make_container)
    page = client.get("/containers/web/environment/").content.decode()
    assert "PASSWORD" in page
    assert "s3&lt;b" not in page
    assert "s3<b" not in page
    assert "fast" not in page


def test_one_value_is_shown_and_the_others_are_not(client, make_container):
    made(make_container)
    page = client.get("/containers/web/environment/?show=0").content.decode()
    assert "s3&lt;b&gt;ret" in page
    assert "fast" not in page


def test_all_values_can_be_shown(client, make_container):
    made(make_container)
    answer = client.get("/containers/web/environment/?show=all", headers=HTMX)
    page = answer.content.decode()
    assert "s3&lt;b&gt;ret" in page
    assert "fast" in page
    assert "(empty)" in page
    assert "<h1" not in page
    assert "no-store" in answer["Cache-Control"]


def test_a_number_that_is_none_shows_nothing(client, make_container):
    made(make_container)
    for shown in ("7", "-1", "<b>", "MODE"):
        page = client.get("/containers/web/environment/", {"show": shown}).content.decode()
        assert "fast" not in page


def test_what_is_not_there_is_not_found(client, engine):
    assert client.get("/containers/nobody/environment/").status_code == 404
