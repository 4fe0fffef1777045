"""A person deploys a compose file and looks at its logs, with scripts and without."""

from docker import APIClient
from playwright.sync_api import Page, expect

from tests.browser import sign_in
from tests.stacks.deploy.files import SIMPLE, STACK

TALKING = SIMPLE.replace(
    "depends_on: [db]",
    """depends_on: [db]
    command: ['sh', '-c', 'i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.2; done']""",
)


def test_a_person_deploys_a_file(
    page_either_way: Page, docker: APIClient, busybox: str, scripts: bool
) -> None:
    page = page_either_way
    sign_in(page)
    page.goto("/stacks/")
    page.get_by_role("link", name="Deploy a compose file").click()
    page.get_by_label("Name", exact=True).fill(STACK)
    page.get_by_label("Or its text").fill(TALKING)
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text("Make and start web from busybox:test")).to_be_visible()
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_text("The stack is deployed")).to_be_visible()
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_role("heading", name=STACK, exact=True)).to_be_visible()
    assert len(docker.containers()) == 2

    page.get_by_role("link", name="Logs").click()
    expect(page.get_by_role("heading", name=f"Logs of {STACK}")).to_be_visible()
    if scripts:
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        shown = page.locator("ol.log li > span").count()
        expect(page.get_by_text(f"line {shown + 10}", exact=True)).to_be_visible()
    page.get_by_label("Service", exact=True).select_option("web")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("line 1", exact=True)).to_be_visible()
    expect(page.locator("ol.log .service").first).to_have_text("web")
