"""The log's page in a real browser"""

import re

from playwright.sync_api import expect

from tests.browser import Watch, sign_in, watched_page
from tests.waiting import wait_for

LOOP = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done"


LEFT_OUT = re.compile(r"… ([\d,]+ )?lines left out here")
AT_REST = """each => new Promise(resolve => {
  let place, frames = 0;
  const look = () => {
    frames = each.scrollTop === place ? frames + 1 : 0;
    place = each.scrollTop;
    if (frames < 10) requestAnimationFrame(look); else resolve(place);
  };
  look();
})"""
"""Where a list is once it has stopped scrolling, which browsers do smoothly."""
LEFT_BELOW = "each => each.scrollHeight - each.scrollTop - each.clientHeight"


def lines(page):
    return page.locator("ol.log li > span")


def test_it_goes_on_and_can_be_paused(page, make_container):
    make_container("web", command=["sh", "-c", LOOP])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("line 40", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    paused_at = lines(page).count()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(f"line {paused_at + 20}", exact=True)).to_be_visible()
    texts = lines(page).all_inner_texts()
    assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


def test_a_flood_leaves_the_page_alive(page, make_container):
    make_container("web", command=["yes", "0123456789"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    notes = page.locator("ol.log .note")
    expect(notes.first).to_have_text(LEFT_OUT)
    page.get_by_label("Times").check()
    expect(page.locator("ol.log.times")).to_be_visible()
    wait_for(lambda: page.locator("ol.log > li").count() >= 4900, "the page to be full", 120)
    expect(notes.nth(3)).to_have_text(LEFT_OUT)
    assert page.locator("ol.log > li").count() <= 5000
    page.get_by_role("link", name="Containers").first.click()
    expect(page.get_by_role("heading", name="Containers")).to_be_visible()


def test_who_scrolls_up_is_left_there(page, make_container):
    make_container("web", command=["sh", "-c", f"seq 1 500; {LOOP}"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    log = page.locator("ol.log")
    wait_for(lambda: lines(page).count() > 510, "lines that came after the page was opened")
    wait_for(lambda: log.evaluate(LEFT_BELOW) < 1, "the list to be at its end")
    expect(page.get_by_role("button", name="To the end")).to_be_hidden()
    log.hover()
    page.mouse.wheel(0, -600)
    expect(page.get_by_role("button", name="To the end")).to_be_visible()
    place = log.evaluate(AT_REST)
    before = lines(page).count()
    wait_for(lambda: lines(page).count() > before + 10, "further lines")
    assert log.evaluate("each => each.scrollTop") == place
    page.get_by_role("button", name="To the end").click()
    expect(lines(page).last).to_be_in_viewport()
    expect(page.get_by_role("button", name="To the end")).to_be_hidden()


def test_the_keyboard_is_enough(page, make_container):
    make_container("web", command=["sh", "-c", f"seq 1 500; {LOOP}"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    log = page.locator("ol.log")
    log.focus()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Home")
    wait_for(lambda: log.evaluate("each => each.scrollTop") == 0, "the first line")
    page.keyboard.press("End")
    expect(lines(page).last).to_be_in_viewport()
    page.keyboard.press("/")
    expect(page.get_by_label("Find in the whole log")).to_be_focused()


def test_it_is_said_how_a_container_ends(page, docker, make_container):
    made = make_container("web", command=["sh", "-c", "echo bye; exit 3"])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text("The container has ended, with exit code 3.")).to_be_visible()
    docker.remove_container(made, force=True)
    expect(page.get_by_text("The container has been removed.")).to_be_visible()
    expect(page.get_by_role("status").get_by_text("Ended")).to_be_visible()
    expect(lines(page)).to_have_text(["bye"])


def test_it_goes_on_when_the_server_comes_back(browser, watch, make_site, make_container):
    make_container("web", command=["sh", "-c", LOOP])
    site = make_site()
    with watched_page(browser, site.url, Watch(site.url), scripts=True) as page:
        sign_in(page)
        page.goto("/containers/web/logs/")
        expect(page.get_by_text("line 20", exact=True)).to_be_visible()
        site.kill()
        expect(page.get_by_text("Not connected; trying again")).to_be_visible()
        site.start()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        expect(page.get_by_text("line 80", exact=True)).to_be_attached()
        texts = lines(page).all_inner_texts()
    assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


def test_who_is_signed_out_is_told_and_left_alone(page, make_container):
    make_container("web", command=["sh", "-c", LOOP])
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    opened = []
    page.on("websocket", lambda socket: opened.append(socket.url) if "/logs" in socket.url else 0)
    request = page.context.request
    token = request.get("/api/auth-status").json()["csrf_token"]
    assert request.post("/api/logout", headers={"X-CSRFToken": token}).ok
    status = page.get_by_role("status").get_by_text("You have been signed out", exact=True)
    expect(status).to_be_visible()
    page.wait_for_timeout(1500)  # more than the first wait before another try
    expect(status).to_be_visible()
    assert opened == []


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
    expect(page.locator("ol.log mark")).to_have_text(["2999"])
    expect(page.get_by_text("1 line found for “2999”.")).to_be_visible()
    page.get_by_label("Wrap").uncheck()
    expect(page.locator("ol.log.wrap")).to_have_count(0)


def test_without_scripts_the_last_lines_are_there(page_without_scripts, docker, make_container):
    page = page_without_scripts
    made = make_container("web", command=["sh", "-c", "seq 1 3000; sleep 600"])
    wait_for(lambda: docker.logs(made, tail=1) == b"3000\n", "the last line")
    sign_in(page)
    page.goto("/containers/web/logs/")
    expect(lines(page)).to_have_count(1000)
    page.get_by_label("Lines", exact=True).fill("5")
    page.get_by_role("button", name="Show").click()
    expect(lines(page)).to_have_text(["2996", "2997", "2998", "2999", "3000"])


def test_what_makes_no_sense_is_said_beside_the_field(page_without_scripts, watch, make_container):
    page = page_without_scripts
    watch.expect("422")
    make_container("web", command=["echo", "hello"])
    sign_in(page)
    page.goto("/containers/web/logs/?since=soon")
    since = page.get_by_label("Since")
    expect(since).to_have_value("soon")
    expect(since).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("must be a time such as")).to_be_visible()


def test_the_download_holds_everything(page_without_scripts, docker, make_container):
    page = page_without_scripts
    docker.wait(make_container("web", command=["seq", "1", "30000"]))
    sign_in(page)
    page.goto("/containers/web/logs/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "web.log"
    text = download.value.path().read_text()
    assert text == "".join(f"{number}\n" for number in range(1, 30_001))


def test_on_a_phone_nothing_is_wider_than_the_page(page, make_container):
    make_container("web", command=["sh", "-c", "head -c 3000 /dev/zero | tr '\\0' x; sleep 600"])
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)
    for query in ("", "?wrap=on", "?tail=5"):
        page.goto(f"/containers/web/logs/{query}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
