"""Changing the files of a volume with a real browser."""

import os

from playwright.sync_api import expect

from tests.browser import sign_in
from tests.waiting import wait_for

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
}"""


def given(name: str, text: str = "new") -> dict:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_files_are_dropped_into_the_folder_that_is_open(page, watch, root):
    watch.expect("409")
    sign_in(page)
    page.goto("/volumes/data/files/")
    page.get_by_role("link", name="folder/").click()
    expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()
    page.evaluate(DROP, ["third", "3"])
    expect(page.get_by_role("link", name="third", exact=True)).to_be_visible()
    assert (root / "folder" / "third").read_text() == "3"
    page.evaluate(DROP, ["second", "new"])
    expect(page.get_by_text("There is “second” in that folder already.")).to_be_visible()
    assert (root / "folder" / "second").read_text() == "two\n"
    page.get_by_role("button", name="Replace it").click()
    wait_for(lambda: (root / "folder" / "second").read_text() == "new", "it to be replaced")
    expect(page.get_by_text("Uploaded", exact=True)).to_have_count(2)


def test_a_person_makes_renames_and_deletes(page, root):
    sign_in(page)
    page.goto("/volumes/data/files/?path=/folder")
    page.get_by_role("link", name="New folder").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("made")
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(page.get_by_role("link", name="made/")).to_be_visible()
    page.get_by_role("link", name="Rename second").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("third")
    page.get_by_role("dialog").get_by_role("textbox", name="Folder").fill("/folder/made")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("link", name="third", exact=True)).to_be_visible()
    page.goto("/volumes/data/files/?path=/folder")
    page.get_by_label("Select made").check()
    page.get_by_label("Select below").check()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 2 folders?")
    expect(dialog).to_contain_text("with 1 file or folder in it")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 2 files and folders")).to_be_visible()
    assert os.listdir(root / "folder") == []


def test_it_all_works_without_scripts(page_without_scripts, watch, root):
    watch.expect("422")
    page = page_without_scripts
    sign_in(page)
    page.goto("/volumes/data/files/?path=/folder")
    page.get_by_role("link", name="Upload").click()
    page.get_by_label("Files", exact=True).set_input_files(
        [given("a"), given("b"), given("second")]
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Uploaded “a”")).to_be_visible()
    expect(page.get_by_text("“second” was not uploaded.")).to_be_visible()
    page.get_by_role("link", name="Rename a", exact=True).click()
    page.get_by_role("textbox", name="Name").fill("b")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("There is “b” in that folder already.")).to_be_visible()
    page.get_by_label("Replace a file of that name").check()
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("a is b now")).to_be_visible()
    page.get_by_label("Select b", exact=True).check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted b")).to_be_visible()
    assert sorted(os.listdir(root / "folder")) == ["below", "second"]
