"""A person backs a stack up and brings it back, with scripts and without."""

from docker import APIClient
from playwright.sync_api import Page, expect

from tests.arrange import ContainerMaker, run_in
from tests.backups.sets.shop import make_shop
from tests.browser import HeldAnswer, sign_in


def test_what_changes_while_the_list_is_fetched_is_shown_too(
    page: Page, make_container: ContainerMaker
) -> None:
    def make(stack: str) -> None:
        make_container(stack, labels={"com.docker.compose.project": stack}, start=False)

    make("first")
    sign_in(page)
    page.goto("/stacks/")
    expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
    answer = HeldAnswer(page, "**/stacks/")
    make("second")
    answer.wait()
    answer.wait_for_news(lambda: make("third"))
    answer.let_go()
    expect(page.get_by_role("link", name="third", exact=True)).to_be_visible()


def test_a_stack_goes_in_and_comes_back(
    page_either_way: Page,
    docker: APIClient,
    make_container: ContainerMaker,
    scripts: bool,
) -> None:
    make_shop(docker, make_container)
    page = page_either_way
    sign_in(page)

    page.goto("/stacks/")
    page.get_by_role("link", name="shop", exact=True).click()
    page.get_by_role("link", name="Back up", exact=True).click()
    page.get_by_label("Pause it while it is read").check()
    page.get_by_role("button", name="Back up", exact=True).click()
    page.get_by_role("link", name="Look at it").click()

    run_in(docker, "shop-db-1", "sh", "-c", "echo new > /data/table")
    page.get_by_role("link", name="Restore all").click()
    expect(page.get_by_role("heading", name="In the way")).to_be_visible()
    page.get_by_label("Replace it").check()
    page.get_by_label("Put it in its place").check()
    if scripts:
        expect(page.get_by_role("heading", name="What will be done")).to_be_visible()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text("The stack is back")).to_be_visible()
    assert run_in(docker, "shop-db-1", "cat", "/data/table") == "rows\n"
