"""/backups/"""

import re

import pytest

from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


def rows(response) -> list[str]:
    """The containers named in the table, from its top."""
    found = re.findall(r"/backups/(\w+)_\d{8}_\d{6}\.tar\.gz/restore/", response.content.decode())
    return list(dict.fromkeys(found))


def test_without_backups_it_says_what_belongs_here(client):
    response = client.get("/backups/")
    assert "No backups yet" in text_of(response)
    assert "/containers/" in links_of(response)


def make_archive(data_dir, container: str, **values) -> None:
    """A record with a file of its size."""
    record = make_record(container, **values)
    with (data_dir / "backups" / record.filename).open("wb") as file:
        file.truncate(record.size)


def test_it_shows_every_backup_and_the_sum_of_sizes(client, data_dir):
    make_archive(data_dir, "web", size=3 << 20)
    make_archive(data_dir, "db", age=1, size=1 << 20, verified=False)
    response = client.get("/backups/")
    assert rows(response) == ["web", "db"]
    words = text_of(response)
    assert "2 backups · 4 MiB" in words
    assert "Verified" in words
    assert "Not checked" in words


def test_it_says_what_became_of_the_files_and_where_they_are_from(client, data_dir):
    make_archive(data_dir, "web", size=3, origin="uploaded")
    make_archive(data_dir, "db", age=1, size=3, origin="found")
    changed = make_record("changed", age=2, size=3)
    (data_dir / "backups" / changed.filename).write_text("more than that")
    make_record("gone", age=3)
    words = text_of(client.get("/backups/"))
    assert "· Uploaded" in words
    assert "· Found in the backup directory" in words
    assert "File was changed" in words
    assert "File is gone" in words
    assert words.count("Verified") == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=postgres", ["db"]),
        ("search=db+postgres", ["db"]),
        ("search=%25", []),
        ("container=web", ["web"]),
        ("container=we", []),
        ("kind=%00", []),
        ("sort=container", ["cache", "db", "web"]),
        ("sort=-container", ["web", "db", "cache"]),
        ("sort=size", ["cache", "web", "db"]),
        ("sort=created", ["cache", "db", "web"]),
        ("sort=<b>", ["web", "db", "cache"]),
        ("sort=size&search=e", ["cache", "web", "db"]),
        ("page=2", ["web", "db", "cache"]),
        ("page=x", ["web", "db", "cache"]),
    ],
)
def test_it_can_be_searched_and_sorted(admin_client, query, expected):
    make_record("web", age=0, size=2)
    make_record("db", age=1, size=3, image="postgres:16")
    make_record("cache", age=2, size=1)
    assert rows(admin_client.get(f"/backups/?{query}")) == expected


def test_nothing_found_says_what_was_searched_and_the_way_back(admin_client):
    make_record("web")
    response = admin_client.get("/backups/", {"search": "<q>nothing</q>"})
    assert "Nothing matches “<q>nothing</q>”" in text_of(response)
    assert not tags_of(response, "q")
    assert "/backups/" in links_of(response)


def test_many_backups_come_in_pages(admin_client):
    for age in range(51):
        make_record(f"web{age}", age=age)
    assert len(rows(admin_client.get("/backups/"))) == 50
    assert rows(admin_client.get("/backups/?page=2")) == ["web50"]


def test_its_cost_does_not_grow(admin_client, django_assert_max_num_queries):
    for age in range(40):
        make_record(f"web{age}", age=age)
    with django_assert_max_num_queries(9):
        admin_client.get("/backups/")


def test_htmx_gets_the_listing_alone(admin_client):
    make_record("web")
    response = admin_client.get("/backups/", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="listing">')
    assert "HX-Request" in response["Vary"]


def test_it_needs_no_engine(admin_client):
    make_record("web")
    assert admin_client.get("/backups/").status_code == 200


def test_a_stranger_is_sent_to_sign_in(stranger_client):
    response = stranger_client.get("/backups/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/")
