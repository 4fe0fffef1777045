"""The log's page in a real browser"""

import re

from playwright.sync_api import expect

from tests.browser import sign_in

LOOP = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"


def lines(page):
    return page.locator("ol.log li span")


def test_it_goes_on_and_can_be_paused(page, make_container):
    make_container("web", command=["sh", "-c", LOOP])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("line 40", exact=True)).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    paused_at = lines(page).count()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(f"line {paused_at + 20}", exact=True)).to_be_visible(timeout=10_000)
    texts = lines(page).all_inner_texts()
    assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


def test_a_flood_leaves_the_page_alive(page, make_container):
    make_container("web", command=["yes", "0123456789"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text(re.compile("lines left out here")).first).to_be_attached()
    page.get_by_label("Times").check()
    expect(page.locator("ol.log.times")).to_be_visible()
    assert page.locator("ol.log > li").count() <= 5000
    page.get_by_role("link", name="Containers").first.click()
    expect(page.get_by_role("heading", name="Containers")).to_be_visible()


def test_a_hostile_log_does_nothing(page, make_container):
    hostile = "<img src=x onerror=alert(1)>\\033[31m<script>alert(2)</script>\\033]0;t\\007"
    make_container("web", command=["sh", "-c", f"printf '{hostile}\\n'; sleep 600"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.locator("ol.log")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("ol.log .f1")).to_have_text("<script>alert(2)</script>")
    assert page.locator("ol.log img, ol.log script").count() == 0


def test_searching_and_wrapping(page, make_container):
    make_container("web", command=["sh", "-c", "seq 1 3000; sleep 600"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    page.get_by_label("Find in the whole log").fill("2999")
    page.keyboard.press("Enter")
    expect(lines(page)).to_have_text(["2999"])
    page.get_by_label("Wrap").uncheck()
    expect(page.locator("ol.log.wrap")).to_have_count(0)


def test_without_scripts_the_last_lines_are_there(page_without_scripts, make_container):
    page = page_without_scripts
    make_container("web", command=["sh", "-c", "seq 1 3000; sleep 600"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(lines(page)).to_have_count(1000)
    page.get_by_label("Lines", exact=True).fill("5")
    page.get_by_role("button", name="Show").click()
    expect(lines(page)).to_have_text(["2996", "2997", "2998", "2999", "3000"])
