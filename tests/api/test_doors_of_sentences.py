"""Doors that stood open around a sentence: penalties that words, orders and letters add, sums and
terms of no kind, reasons that nobody was told of, more for whoever speaks for himself, and less
time by more time.

Each is refused with its code and article, in cases of older versions too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from casework.models import Document
from tests.support import penalties
from tests.support.desk import Desk
from tests.support.exemptions import HANDLERS
from tests.support.front import reasons_of
from tests.support.penalties import (
    AGREEMENT_PAPER,
    CLOSURE,
    INPUTS,
    NOTIFIED,
    PUNISHED,
    SERVED,
    UNDOING,
    WARNING,
    WAYS,
    fine,
    inputs_of,
    sentence,
)
from tests.support.rules import add_penalty

_FILED = (("file", "handler1"), ("approve_filing", "approver"))
_INVESTIGATING = (*_FILED, ("record_scene", HANDLERS), ("investigate", HANDLERS))
GAIN = {"kind": "没收违法所得", "amount": "4000.00", "days": 0, "detail": ""}


def _proposed(desk: Desk, number: str, *measures: dict[str, Any], **changes: Any) -> list[str]:
    given = {**INPUTS["propose"], **sentence(*measures, **changes)}
    return reasons_of(desk.take(number, "propose", HANDLERS, given))


@pytest.mark.parametrize("former", [False, True])
def test_a_measure_is_given_once_with_what_its_kind_has(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *WAYS["investigated"])
    assert _proposed(desk, number, WARNING, fine(), GAIN) == ["gains_not_found"]
    half = {"illegal_income": "4000.00"}
    found = _proposed(desk, number, WARNING, fine(), GAIN, GAIN, **half)
    assert found == ["measure_twice", "gains_not_found"]
    assert _proposed(desk, number, WARNING, fine(), CLOSURE, CLOSURE) == ["measure_twice"]
    paid = {**CLOSURE, "amount": "80000.00"}
    assert _proposed(desk, number, WARNING, fine(), paid) == ["sum_without_fine"]
    assert _proposed(desk, number, {**WARNING, "amount": "5.00"}) == ["sum_without_fine"]
    assert _proposed(desk, number, WARNING, {**fine(), "days": 90}) == ["term_of_no_kind"]
    with desk.town.session() as session:
        add_penalty(session, "gc004", "没收非法财物")
    goods = {"kind": "没收非法财物", "amount": "300.00", "days": 0}
    assert _proposed(desk, number, WARNING, {**goods, "detail": " "}) == ["goods_unnamed"]
    for days in (0, 366, 36500):
        forever = {**CLOSURE, "days": days}
        assert _proposed(desk, number, WARNING, fine(), forever) == ["term_without_end"]
    given = {**INPUTS["propose"], **sentence(WARNING, fine(), GAIN, **half)}
    assert desk.take(number, "propose", HANDLERS, given).status_code == 200


def test_no_penalty_hides_in_the_reasons(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *WAYS["investigated"])
    for words in (
        "另并处吊销卫生许可证",
        "情节一般，给予停业整顿十日",
        "并没收全部设备",
        "另责令其停止营业三十日",
        "并收回卫生许可证",
    ):
        found = _proposed(desk, number, WARNING, fine(), reasons=words)
        assert found == ["words_add_penalty"]
    spot = desk.open("simple_penalty")
    desk.go(spot, PUNISHED[0])
    given = inputs_of(desk.town, spot, "punish", {"punish": {"reasons": "并处吊销卫生许可证"}})
    assert reasons_of(desk.take(spot, "punish", HANDLERS, given)) == ["words_add_penalty"]


@pytest.mark.parametrize("former", [False, True])
def test_what_speaks_against_the_party_was_told_to_it(desk: Desk, former: bool) -> None:
    """Reasons that came between the notice and the decision, where no review is compulsory."""
    number = desk.open(former=former)
    desk.go(number, *WAYS["decision_pending"])
    base = inputs_of(desk.town, number, "decide", {})
    worse = {"aggravations": ["妨碍、逃避或者抗拒执法检查"], "circumstances": "抗拒检查"}
    for change in (
        {"reasons": "当事人暴力抗法，性质恶劣"},
        worse,
        {"gravity": "情节严重，拒绝监督"},
        {"illegal_income": "900000.00"},
        {"weight": "heavier", **worse, "departure": "从重"},
    ):
        answer = desk.take(number, "decide", "approver", {**base, **change})
        left = ["gains_left"] if "illegal_income" in change else []
        assert reasons_of(answer) == [*left, "reasons_not_told"], change
    bought = {**base, "outstanding": "缴清罚没款，并向指定公司购买消毒服务"}
    answer = desk.take(number, "decide", "approver", bought)
    assert reasons_of(answer) == ["outstanding_adds_duty"]
    milder = {"measures": [WARNING, fine("600.00")], "reasons": "采纳申辩，从宽处理"}
    assert desk.take(number, "decide", "approver", {**base, **milder}).status_code == 200


def test_whoever_speaks_is_not_told_of_more_for_it(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *NOTIFIED, ("state_defence", "applicant"))
    more = inputs_of(desk.town, number, "notify", {"notify": sentence(WARNING, fine("1400.00"))})
    assert reasons_of(desk.take(number, "notify", "handler1", more)) == ["defence_aggravates"]
    # Less may be told at once, and more once something else was found.
    desk.register(number, "补充检查的现场笔录")
    assert desk.take(number, "notify", "handler1", more).status_code == 200


def test_an_order_to_correct_is_no_penalty(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_INVESTIGATING)
    given = inputs_of(desk.town, number, "order_correction", {})
    for words in (
        "停业整顿直至本机关同意",
        "缴纳整改保证金五万元",
        "立即停止营业三十日，不得接待顾客",
        "交纳整改担保金五千元",
        "收回卫生许可证正本",
    ):
        items = [{"clause": "毛巾消毒", "requirement": words}]
        answer = desk.take(number, "order_correction", "handler1", {**given, "items": items})
        assert reasons_of(answer) == ["order_adds_penalty"]
    # Within how many days something is done is no term of a closure.
    words = "停止营业3日内办理许可证；不得接待未办理登记的人员，2日内改正"
    items = [{"clause": "毛巾消毒", "requirement": words}]
    answer = desk.take(number, "order_correction", "handler1", {**given, "items": items})
    assert answer.status_code == 200, answer.text


def test_where_a_decision_falls_no_other_takes_its_place(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    words = {**UNDOING, "instead": "撤销原决定，改处罚款50000元并吊销卫生许可证"}
    answer = desk.take(number, "propose_undoing", "handler1", words)
    assert reasons_of(answer) == ["undoing_adds_penalty"]


def test_letters_ask_for_what_is_owed(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, ("wait", "20"))
    for duty in ("十日内缴纳罚款人民币99999元", "缴纳罚款5万元", "缴纳９９９９元", "罚款伍万元整"):
        answer = desk.take(number, "urge", "handler1", {"duty": duty})
        assert reasons_of(answer) == ["sum_not_owed"]
    closed = {"duty": "停业整顿，没收设备"}
    assert reasons_of(desk.take(number, "urge", "handler1", closed)) == ["words_add_to_decision"]
    given = {"duty": "缴纳罚款壹仟元整及加处罚款150.00元"}
    assert desk.take(number, "urge", "handler1", given).status_code == 200


@pytest.mark.parametrize("former", [False, True])
def test_more_time_takes_no_time(desk: Desk, former: bool) -> None:
    """A deferral until tomorrow, and the late fee that ran from then on."""
    number = desk.open(former=former)
    desk.go(number, *SERVED, ("ask_for_time", "applicant"))
    day = desk.town.time.now().date()

    def on(days: int) -> str:
        return (day + timedelta(days=days)).isoformat()

    reason = {"reason": "资金困难"}
    answer = desk.take(number, "defer_payment", "approver", {"until": on(1), **reason})
    assert reasons_of(answer) == ["time_is_shortened"]
    parts = [{"due": on(1), "amount": "999.00"}, {"due": on(40), "amount": "1.00"}]
    plan = {"parts": parts, "until": on(40), **reason}
    answer = desk.take(number, "grant_instalments", "approver", plan)
    assert reasons_of(answer) == ["time_is_shortened"]
    due = date.fromisoformat(
        desk.front.get("handler1", f"/cases/{number}").json()["debt"]["due_on"]
    )
    given = {"until": due.isoformat(), **reason}
    assert desk.take(number, "defer_payment", "approver", given).status_code == 200


def test_the_proof_of_the_act_is_none_of_what_came_after(desk: Desk) -> None:
    """Late fees remitted, and execution ended, on the very record of what was done."""
    number = desk.open()
    desk.go(number, *SERVED, ("wait", "40"))
    penalties.register(desk.town, number, AGREEMENT_PAPER)
    none = {**INPUTS["make_agreement"], "paper": "现场笔录", "remedy": "见现场笔录"}
    answer = desk.take(number, "make_agreement", "approver", none)
    assert reasons_of(answer) == ["agreement_before_decision"]
    given = {**INPUTS["make_agreement"], "remedy": "已整改，见现场笔录"}
    answer = desk.take(number, "make_agreement", "approver", given)
    assert reasons_of(answer) == ["remedy_before_decision"]
    other = "行政机关或者人民法院认为需要终结执行的其他情形"
    ended = {"ground": other, "evidence": "见现场笔录"}
    answer = desk.take(number, "end_execution", "approver", ended)
    assert reasons_of(answer) == ["end_before_decision"]
    desk.register(number, "走访谈话记录")
    ended["evidence"] = "走访谈话记录"
    answer = desk.take(number, "end_execution", "approver", ended)
    assert reasons_of(answer) == ["end_before_court"]
    with desk.town.session() as session:
        assert session.query(Document).filter_by(key="penalty_decision").count() == 1


def test_nothing_that_was_there_before_is_a_paper_of_criminal_justice(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *WAYS["with_justice"])
    for step in ("take_back", "end_with_justice"):
        given = {**inputs_of(desk.town, number, step, {}), "paper": "现场检查音像记录"}
        codes = reasons_of(desk.take(number, step, "approver", given))
        assert codes in (["justice_paper_missing"], ["justice_paper_before_referral"])
    penalties.register(desk.town, number, penalties.JUSTICE_PAPER)
    assert desk.go(number, ("take_back", "approver")) == "investigating"


def test_what_was_paid_too_much_goes_back_to_the_party(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    paid = inputs_of(desk.town, number, "record_payment", {"record_payment": {"amount": "1200.00"}})
    assert desk.take(number, "record_payment", "handler1", paid).status_code == 200
    given = inputs_of(desk.town, number, "record_refund", {"record_refund": {"amount": "200.00"}})
    firm = "南通滨江宾馆有限公司"
    for account in (
        "张三 6222000000000000",
        f"张三 6222（代{firm}收）",
        f"{firm}委托张三 6222",
        f"{firm}，张三中国银行账号 6222",
    ):
        other = {**given, "account": account}
        refused = reasons_of(desk.take(number, "record_refund", "handler1", other))
        assert refused == ["refund_to_another", "no_payment_slip"]
    given["account"] = f"户名：{firm}，账号 3206 0001，江苏银行南通分行"
    assert desk.take(number, "record_refund", "handler1", given).status_code == 200


def test_what_was_quashed_is_not_done_over_again_nor_worse(desk: Desk) -> None:
    act = {"found_on": "2026-09-01", "act_on": "2026-09-01", "address": "南通市崇川区人民中路88号"}
    quashed = desk.open(**act)
    desk.go(quashed, *SERVED, ("file_reconsideration", "legal"))
    desk.go(quashed, ("change_by_reconsideration", "legal"))
    number = desk.open(**act)
    desk.go(number, *WAYS["opinion"])
    given = inputs_of(desk.town, number, "notify", {})
    answer = desk.take(number, "notify", "handler1", given)
    assert reasons_of(answer) == ["quashed_and_done_again"]
    worse = {**given, **sentence(WARNING, fine("1400.00"), reasons="经补充调查，另查明持续一周")}
    assert reasons_of(desk.take(number, "notify", "handler1", worse)) == ["worse_for_a_remedy"]
    other = {**worse, **sentence(WARNING, fine(), reasons="经补充调查，另查明持续一周")}
    assert desk.take(number, "notify", "handler1", other).status_code == 200
