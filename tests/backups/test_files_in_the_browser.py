"""Uploading, downloading and deleting backups in a real browser."""

import fcntl
import tarfile

import pytest
from playwright.sync_api import expect

from tests.backups.brought import of_container, write_archive
from tests.browser import sign_in
from tests.waiting import wait_for


@pytest.fixture
def brought(tmp_path):
    return [
        write_archive(tmp_path / f"{name}.tar.gz", of_container(name)) for name in ("web", "db")
    ]


def names_in(site) -> list[str]:
    return sorted(path.name for path in (site.data_dir / "backups").iterdir())


def test_files_are_uploaded_side_by_side_each_with_its_result(page, site, brought, tmp_path, watch):
    watch.expect("400 (Bad Request)")
    photos = tmp_path / "photos.tar.gz"
    photos.write_text("another program's")
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", [*brought, photos])
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Checked and listed as web.tar.gz")).to_be_visible()
    expect(page.get_by_text("Checked and listed as db.tar.gz")).to_be_visible()
    expect(page.get_by_text("is not a backup made by Container Monkey")).to_be_visible()
    assert names_in(site) == ["db.tar.gz", "web.tar.gz"]
    page.get_by_role("link", name="Look at it").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web")


def test_a_file_that_is_dropped_on_the_list_appears_in_it(page, site, brought):
    write_archive(site.data_dir.parent / "first.tar.gz", of_container("first"))
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", site.data_dir.parent / "first.tar.gz")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Checked and listed")).to_be_visible()
    page.goto("/backups/")
    content = list(brought[0].read_bytes())
    dropped = page.evaluate_handle(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "dropped.tar.gz"));
            return data;
        }""",
        content,
    )
    page.dispatch_event("main", "drop", {"dataTransfer": dropped})
    expect(page.get_by_role("row").filter(has_text="dropped.tar.gz")).to_be_visible()


def test_an_upload_can_be_cancelled(page, site, tmp_path):
    large = tmp_path / "large.tar.gz"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", large)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("MB/s")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled")).to_be_visible()
    page.wait_for_function("async () => (await (await fetch('/api/backups')).json()).total === 0")
    wait_for(lambda: names_in(site) == [], "what had arrived to be removed")


def test_what_has_arrived_can_no_longer_be_cancelled(page, site, brought):
    """The server checks and lists it then, whatever the page says."""
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", brought[0])
    with (site.data_dir / "adoption.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # nothing is listed meanwhile
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text("All of it has arrived and is being checked")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(page.get_by_text("Checked and listed as web.tar.gz")).to_be_visible()


def test_without_scripts_the_form_does_the_same(page_without_scripts, site, brought):
    page = page_without_scripts
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", brought)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("web.tar.gz was checked and is listed.")).to_be_visible()
    assert names_in(site) == ["db.tar.gz", "web.tar.gz"]
    page.get_by_label("Select web.tar.gz").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_label("Type delete to go on").fill("delete")
    page.get_by_role("button", name="Delete 1 backup").click()
    expect(page.get_by_text("Deleted 1 backup")).to_be_visible()
    assert names_in(site) == ["db.tar.gz"]


def test_the_selected_arrive_as_one_tar(page, site, brought, tmp_path):
    sign_in(page)
    page.goto("/backups/upload/")
    page.set_input_files("input[type=file]", brought)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Checked and listed")).to_have_count(2)
    page.goto("/backups/")
    page.get_by_label("Select all shown").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    download.value.save_as(tmp_path / "all.tar")
    with tarfile.open(tmp_path / "all.tar") as opened:
        assert sorted(opened.getnames()) == ["db.tar.gz", "web.tar.gz"]
    page.get_by_role("link", name="Delete all").click()
    page.get_by_label("Type delete to go on").fill("delete")
    page.get_by_role("button", name="Delete 2 backups").click()
    expect(page.get_by_text("No backups yet")).to_be_visible()
    assert names_in(site) == []
