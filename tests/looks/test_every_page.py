"""What no page may do, whichever it is: keep somebody out, scroll sideways, complain."""

from typing import Literal

from docker import APIClient
from playwright.sync_api import Page, ViewportSize

from containermonkey.settings import BASE_DIR
from tests.looks.furnished import House
from tests.registry import Registry

AXE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_LOOKS = {"type": "rule", "values": ["color-contrast", "target-size"]}
"""The rules whose answer can be another in another theme or at another width."""
DESK: ViewportSize = {"width": 1440, "height": 900}
TABLET: ViewportSize = {"width": 768, "height": 1024}
PHONE: ViewportSize = {"width": 390, "height": 844}
UNFIT = """() => {
    const seen = (node) => node.getClientRects().length > 0;
    const tables = [...document.querySelectorAll(".table-wrap > table")].filter(seen);
    const told = tables.flatMap((table) => {
        const [inner, outer] = [table, table.parentElement].map(
            (node) => node.getBoundingClientRect().right);
        const over = inner - outer;
        const heads = [...table.querySelectorAll("thead th")].filter(seen).length;
        const cells = [...table.querySelectorAll("tbody tr:first-child > *")].filter(seen).length;
        return [
            over > 1 && `its table is cut off by ${Math.round(over)} px`,
            heads && heads !== cells && `it has ${heads} heads over ${cells} cells`,
        ].filter(Boolean);
    });
    return document.documentElement.scrollWidth > innerWidth
        ? ["it scrolls sideways", ...told] : told;
}"""
"""What does not fit: a table of which one cannot see all has no bar to move it by."""


def test_every_page_is_open_to_everybody_and_fits(
    page: Page, docker: APIClient, registry: Registry
) -> None:
    """One test for all, because furnishing a house takes longer than looking at a page of it."""
    house = House(docker, registry, page)
    house.furnish()
    found: list[str] = []
    for address in house.addresses():
        answer = page.goto(address)
        assert answer is not None
        if not answer.ok:
            found.append(f"{address}: {answer.status}")
        page.evaluate(AXE.read_text())
        arrange(page, DESK, "light")
        found += [f"{address}, light desk: {words}" for words in wrong(page, EVERY_RULE)]
        arrange(page, TABLET, "light")
        found += [f"{address}, tablet: {words}" for words in page.evaluate(UNFIT)]
        arrange(page, PHONE, "dark")
        found += [f"{address}, dark phone: {words}" for words in wrong(page, OF_THE_LOOKS)]
    assert not found, "\n".join(found)


def arrange(page: Page, size: ViewportSize, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)


def wrong(page: Page, rules: object) -> list[str]:
    """What axe has against the page as it is there, and what does not fit."""
    told: list[str] = page.evaluate(
        """rules => axe.run({resultTypes: ["violations"], runOnly: rules})
            .then(told => told.violations.flatMap(
                rule => rule.nodes.map(node => `${rule.id} at ${node.target}`)))""",
        rules,
    )
    return told + page.evaluate(UNFIT)
