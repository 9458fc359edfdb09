"""Every main page against axe's rules for WCAG 2 A and AA, wide and narrow; and the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from casework.grading.draws.holding import draw, send
from casework.models import Place
from tests.pages.conftest import PASSWORD, Desks, open_door, serve
from tests.support.journeys import grading_to
from tests.support.town import ACCEPTED, INSPECTORS, Town, look

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def _faults(page: Page) -> list[str]:
    page.wait_for_load_state()
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]


@dataclass
class Hall:
    """The desks of a town with a case at every turn, and a page for each who has sat down."""

    desks: Desks
    cases: dict[str, str]
    seats: dict[str, Page] = field(default_factory=dict)

    def seat(self, who: str) -> Page:
        """The page of somebody logged in."""
        if who not in self.seats:
            self.seats[who] = self.desks.desk(who)
        return self.seats[who]


@pytest.fixture(scope="module")
def hall(module_town: Town, browser: Browser) -> Iterator[Hall]:
    """Pages that are only looked at, so that one town serves them all."""
    cases = _one_at_every_turn(module_town)
    with serve(module_town, open_door(module_town), browser) as desks:
        yield Hall(desks, cases)


def _one_at_every_turn(town: Town) -> dict[str, str]:
    def checked(house: int) -> str:
        return town.relative(town.granted(address=f"人民路{house}号"), "check").number

    waiting = town.apply(address="人民路1号")
    town.take(waiting, "submit", "applicant")
    informed = town.apply(address="人民路2号")
    town.attach(informed)
    town.take(informed, "submit", "applicant")
    town.take(informed, "accept", "window", ACCEPTED)
    town.take(informed, "inform", "window")
    to_sign = checked(3)
    town.take(to_sign, "assign", "supervisor", INSPECTORS)
    town.take(to_sign, "inspect", "inspector1", look(met=False))
    cases = {
        "waiting": waiting,
        "informed": informed,
        "committed": town.committed(address="人民路4号"),
        "granted": town.granted(address="人民路5号"),
        "to_assign": checked(6),
        "to_sign": to_sign,
    }
    for name in ("waiting", "granted"):
        cases[f"{name}_row"] = str(town.case(cases[name]).head_seq)
    graded = town.granted(address="人民路8号")
    grading_to(town, graded, "graded")
    cases["graded_licence"] = town.relative(graded, "licence").number
    cases["to_score"] = grading_to(town, graded, "assigned")
    drawn = draw(town.office, town.people["supervisor"])
    send(town.office, town.people["supervisor"], drawn.number)
    # Of another firm: who broke a promise is granted nothing on one.
    granted = town.granted(address="人民路7号", by="applicant2")
    return {**cases, "broken": town.broken(granted).number}


PAGES = (
    ("window", "/"),
    ("legal", "/"),  # an empty desk
    ("applicant", "/"),
    ("window", "/cases"),
    ("window", "/cases?queue=all&sort=opened"),
    ("applicant", "/apply/instant_licence"),
    ("window", "/cases/{committed}"),
    ("inspector1", "/cases/{broken}"),
    ("window", "/cases/{waiting}/steps/request_supplement"),
    ("applicant", "/cases/{informed}/steps/commit"),
    ("window", "/cases/{waiting}/steps/accept"),  # not yet possible
    ("inspector2", "/cases/{to_sign}/steps/inspect"),
    ("supervisor", "/cases/{to_assign}/steps/assign"),
    ("window", "/cases/{granted}/steps/deliver"),
    ("window", "/cases/{committed}/steps/grant/preview"),
    ("window", "/cases/{committed}/steps/grant"),
    ("window", "/cases/{committed}/diagram"),
    ("window", "/cases/{granted}/done/{granted_row}"),
    ("applicant", "/cases/{waiting}/done/{waiting_row}"),
    ("window", "/cases/{granted}/decisions/{granted_row}"),
    ("inspector1", "/cases/{broken}?as_of=2026-09-02"),
    ("applicant", "/cases/{granted}?as_of=2026-08-01"),  # before there was a case
    ("applicant", "/cases/{granted}/decisions/{granted_row}"),
    ("applicant", "/notices"),
    ("applicant", "/account"),
    ("applicant", "/firms"),
    ("window", "/counter/parties/91440300708461136T"),
    ("window", "/counter/sitting?q=91440300708461136T"),
    ("window", "/counter/sitting?q=91350100M000100Y43"),  # a firm that nobody knows yet
    ("window", "/counter/sitting/{informed}"),
    ("window", "/counter/sitting/{committed}"),
    ("supervisor", "/overview"),
    ("supervisor", "/draws"),
    ("supervisor", "/backfills"),
    ("supervisor", "/cases/{graded_licence}"),
    ("inspector1", "/cases/{to_score}/steps/score"),
    ("applicant", "/credit"),
    ("applicant", "/licences"),
    ("admin", "/administration"),
    ("admin", "/administration/posts/new"),
    ("admin", "/administration/delegations/new"),
    ("admin", "/administration/outlets"),
    ("admin", "/administration/outlets/new"),
    ("admin", "/administration/messages"),
    ("supervisor", "/dead-letters"),
    ("window", "/nowhere"),
)


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_page_meets_the_rules(hall: Hall, who: str, path: str) -> None:
    page = hall.seat(who)
    page.goto(path.format(**hall.cases))
    _meets_the_rules(page)


def test_a_document_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("applicant")
    page.goto(f"/cases/{hall.cases['granted']}")
    page.get_by_role("link", name="公共场所卫生许可告知承诺告知书", exact=True).click()
    _meets_the_rules(page)


def test_the_question_before_what_is_final_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("window")
    page.goto(f"/cases/{hall.cases['committed']}/steps/grant")
    page.get_by_role("button", name="下一步").click()
    _meets_the_rules(page)


def test_the_question_before_a_right_is_given_up_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("applicant")
    page.goto(f"/cases/{hall.cases['informed']}")
    page.get_by_role("button", name="不作承诺").click()
    _meets_the_rules(page)


def test_the_question_before_many_are_done_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("supervisor")
    page.goto("/draws")
    page.get_by_role("button", name="随机抽取", exact=True).click()
    _meets_the_rules(page)


def test_a_form_that_was_left_meets_the_rules(desks: Desks) -> None:
    page = desks.desk("applicant")
    page.goto("/firms")
    page.get_by_label("统一社会信用代码").fill("91110000802100433B")
    desks.town.time.pass_(hours=3)
    page.get_by_role("button", name="发送验证码").click()
    _meets_the_rules(page)
    page.get_by_label("账号").fill("applicant")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("统一社会信用代码")).to_have_value("91110000802100433B")
    _meets_the_rules(page)


def test_a_form_that_saves_itself_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("window")
    form = f"/cases/{hall.cases['waiting']}/steps/request_supplement"
    page.goto(form)
    page.get_by_label("需要补正的内容").first.fill("加盖公章")
    expect(page.locator("#draft-line")).to_contain_text("草稿已保存")
    _meets_the_rules(page)
    page.goto(form)
    _meets_the_rules(page)
    page.goto("/drafts")
    _meets_the_rules(page)
    page.get_by_role("button", name="删除草稿").click()
    _meets_the_rules(page)


def test_a_form_with_errors_meets_the_rules(hall: Hall) -> None:
    page = hall.seat("window")
    page.goto(f"/cases/{hall.cases['waiting']}/steps/request_supplement")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_be_focused()
    _meets_the_rules(page)


def _meets_the_rules(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert _faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "too wide"


@pytest.mark.parametrize(
    "path",
    [
        "/login", "/register", "/track", "/verify/{code}", "/grades", "/publications/public",
        "/places/{place}", "/places/{place}/sheet", "/places/{bare}", "/places/0",
    ],
)  # fmt: skip
def test_public_page_meets_the_rules(hall: Hall, path: str) -> None:
    town, places = hall.desks.town, {}
    with town.session() as session:
        for name, case in (("place", "graded_licence"), ("bare", "waiting")):
            at = town.case(hall.cases[case]).place_id
            places[name] = session.get_one(Place, at).code
    code = town.relative(hall.cases["granted"], "licence").tracking_code
    page = hall.desks.visitor()
    page.goto(path.format(code=code, **places))
    _meets_the_rules(page)


def test_logging_in_and_reaching_a_case_with_the_keyboard_alone(desks: Desks) -> None:
    number = desks.town.apply()
    desks.town.take(number, "submit", "applicant")
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
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到案件列表")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=number, exact=True)).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")


def test_enter_in_a_form_with_rows_submits_it(desks: Desks) -> None:
    check = desks.town.relative(desks.town.granted(), "check").number
    desks.town.take(check, "assign", "supervisor", INSPECTORS)
    page = desks.desk("inspector1")
    page.goto(f"/cases/{check}/steps/record_unreachable")
    for tries in (1, 2):
        page.get_by_role("button", name="再加一行").click()
        expect(page.locator("main").get_by_role("textbox", name="联系经过")).to_have_count(
            tries + 1
        )
    boxes = page.locator("main").get_by_role("textbox", name="联系经过")
    for at in range(3):
        boxes.nth(at).fill(f"第{at + 1}次去电无人接听")
    boxes.nth(2).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("等待第二名执法人员")
