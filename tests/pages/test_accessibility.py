"""Every main page against axe's rules for WCAG 2 A and AA, wide and narrow; and the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import PASSWORD, Desks
from tests.support.town import INSPECTORS, Town, look

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def _faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]


def _check_to_sign(town: Town) -> str:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1", look(met=False))
    return check


def _waiting(town: Town) -> str:
    number = town.apply()
    town.take(number, "submit", "applicant")
    return number


def _informed(town: Town) -> str:
    number = _waiting(town)
    town.attach(number)
    town.take(number, "accept", "window")
    town.take(number, "inform", "window")
    return number


Made = Callable[[Town], str]
PAGES: dict[str, tuple[str, str, Made | None]] = {
    "desk": ("window", "/", _waiting),
    "empty desk": ("legal", "/", None),
    "all cases": ("applicant", "/cases", _waiting),
    "application": ("applicant", "/apply/instant_licence", None),
    "application case": ("window", "/cases/{}", Town.committed),
    "check": ("inspector1", "/cases/{}", lambda town: town.broken(town.granted()).number),
    "supplement": ("window", "/cases/{}/steps/request_supplement", _waiting),
    "promise": ("applicant", "/cases/{}/steps/commit", _informed),
    "document": ("applicant", "/cases/{}/documents/1", Town.granted),
    "diagram": ("window", "/cases/{}/diagram", Town.granted),
    "delivery": ("window", "/cases/{}/steps/deliver", Town.granted),
    "refused": ("window", "/cases/{}/steps/accept", _waiting),
    "signature": ("inspector2", "/cases/{}/steps/inspect", _check_to_sign),
    "assignment": (
        "supervisor",
        "/cases/{}/steps/assign",
        lambda town: town.relative(town.granted(), "check").number,
    ),
    "notices": ("applicant", "/notices", _waiting),
    "overview": ("supervisor", "/overview", Town.granted),
    "not found": ("window", "/nowhere", None),
}


@pytest.mark.parametrize("name", PAGES)
def test_page_meets_the_rules(desks: Desks, name: str) -> None:
    who, path, made = PAGES[name]
    where = path.format(made(desks.town) if made else "")
    page = desks.desk(who)
    page.goto(where)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert _faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "too wide"


@pytest.mark.parametrize("path", ["/login", "/track", "/verify/{}"])
def test_public_page_meets_the_rules(desks: Desks, path: str) -> None:
    code = desks.town.relative(desks.town.granted(), "licence").tracking_code
    page = desks.visitor()
    page.goto(path.format(code))
    assert _faults(page) == []


def test_logging_in_and_reaching_a_case_with_the_keyboard_alone(desks: Desks) -> None:
    number = _waiting(desks.town)
    page = desks.visitor()
    page.goto("/login")
    expect(page.get_by_label("账号")).to_be_focused()
    page.keyboard.type("window")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(desks.url + "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(5):  # the search, two choices, the button, and the first case
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=number)).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")


def test_enter_in_a_form_with_rows_submits_it(desks: Desks) -> None:
    check = desks.town.relative(desks.town.granted(), "check").number
    desks.town.take(check, "assign", "supervisor", INSPECTORS)
    page = desks.desk("inspector1")
    page.goto(f"/cases/{check}/steps/record_unreachable")
    page.get_by_label("联系经过").fill("去电三次无人接听")
    page.get_by_label("联系经过").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("等待第二名执法人员")
