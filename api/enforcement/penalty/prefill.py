"""What a handler need not type (预填) in a penalty, on the spot or by the ordinary procedure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from api.cases.prefilling import Desk
from api.enforcement import prefill as shared
from api.html.form_fields import Guide, Option
from api.html.site import acting
from casework.common.typed_inputs import Inputs
from casework.credit.papers import CATEGORIES
from casework.parts.evidence.reading import evidence_view
from casework.parts.remedies import decision_in_force as standing
from rulebook.discretion import PENALTY_WEIGHTS
from state_machines.enforcement.penalty.forms import Decision, Sentence
from state_machines.parts.approvals.measures import Measure, MeasureKind
from state_machines.parts.remedies.forms import RECORD_JUDGMENT

_SENTENCED = ("reconsider", "notify", "propose", "punish")
_SENTENCE = tuple(Sentence.model_fields)
_SHORT = 200  # characters that a line of the report holds
_MEASURES = "罚款、没收填写金额；停产停业、暂扣填写期限；没有的留空。一个违法行为只能给予一次罚款"


def _sentence(desk: Desk, *drafts: str) -> Guide:
    """What is proposed: as the latest of these drafts has it, else what the catalogue says."""
    found = shared.violation(desk, *_SENTENCED)
    said = next(
        (desk.given(step) for step in reversed(list(desk.case.data)) if step in drafts), None
    )
    begin: Mapping[str, Any]
    if said:
        begin = {name: said[name] for name in _SENTENCE if name in said}
    else:
        looked = desk.given("close_investigation") or desk.given("investigate")
        begin = {
            "violation": found.code if found else "",
            "facts": looked.get("facts", "") or desk.given("application").get("description", ""),
            "basis": found.law if found else "",
            "measures": [{"kind": MeasureKind.WARNING.value}, {"kind": MeasureKind.FINE.value}],
            "stage": "at_once",
            "weight": "standard",
        }
    return Guide(
        begin=begin,
        options=shared.discretion(desk, PENALTY_WEIGHTS),
        hints={
            "measures": _MEASURES,
            "basis": f"只引用案由库列明的条款：{found.law}；{found.violated}" if found else "",
            "gravity": "停产停业、吊销等限于情节严重的处罚，或者按“情节严重”罚款的，必须填写",
            "departure": "罚款不在所选裁量档内、但在法定幅度内的，必须说明理由",
            "circumstances": "选择从重、从轻、减轻情节的，写明事实和证据",
        },
        note=shared.ranges(found),
    )


def _conclusion(desk: Desk) -> Guide:
    looked = desk.given("investigate")
    begin = {name: looked[name] for name in ("facts", "statement") if name in looked}
    return Guide(
        begin={**begin, "evidence": _registered(desk)},
        hints={"evidence": "按“证据登记”填写；没有登记的证据不能引用"},
    )


def _registered(desk: Desk) -> list[dict[str, str]]:
    """What the evidence register of the case has, as the report lists it."""
    if not desk.case.keeps_evidence:
        return []
    office, actor = desk.visit.office, acting(desk.visit)
    return [
        {"item": item.title, "proves": item.proves[:_SHORT]}
        for item in evidence_view(office, desk.session, actor, desk.case.number)
        if item.current and not item.withdrawn
    ]


def _opinion(desk: Desk) -> Guide:
    guide = _sentence(desk, "propose")
    chosen = {
        officer.value: officer.label
        for officer in shared.officers(desk.visit, desk.session, desk.case)
    }
    members = [chosen.get(name, name) for name in desk.given("file").get("handlers", ())]
    return replace(guide, begin={"members": "、".join(members), **guide.begin})


def _notice(desk: Desk) -> Guide:
    return _sentence(desk, "propose", "reconsider", "notify")


def _reconsideration(desk: Desk) -> Guide:
    guide = _sentence(desk, "notify")
    stated = desk.given("state_defence").get("text")
    said = f"当事人陈述申辩称：{stated}" if stated else "当事人在期限内未提出陈述申辩"
    return replace(
        guide,
        begin={**guide.begin, "defence_considered": said},
        hints={**guide.hints, "measures": "不得因陈述申辩、听证加重处罚；需要加重的，应当重新告知"},
    )


def _decision(desk: Desk) -> Guide:
    guide = _sentence(desk, "reconsider")
    return replace(
        guide,
        begin={**guide.begin, "publicity": "minor", "outstanding": "缴清罚没款"},
        options={**guide.options, "publicity": _publicity()},
        hints={**guide.hints, "publicity": "由处罚种类和案由确定，选低了会提示应选的类别"},
        note="案由、事实、依据、处罚内容须与告知、审核、集体讨论的一致；需要改动的，应当重新告知、审核。",
    )


def _publicity() -> list[Option]:
    known = get_args(Decision.model_fields["publicity"].annotation)
    return [Option(key, CATEGORIES[key]) for key in known]


def _on_the_spot(desk: Desk) -> Guide:
    guide = _sentence(desk, "punish")
    firm = desk.case.party
    return replace(
        guide,
        begin={**guide.begin, "recipient": firm.representative, "defence": "当事人没有异议"},
        hints={**guide.hints, "measures": "当场处罚限于警告和小额罚款"},
    )


def _judgment(desk: Desk) -> Guide:
    varied = "判决变更、部分撤销的，填写此后有效的全部处罚内容；其他判决不填写"
    return Guide(begin={"measures": []}, hints={"measures": varied})


def _judged_variation(desk: Desk) -> Guide:
    judged = Inputs(desk.case.data).at(RECORD_JUDGMENT)
    return _varied_to(desk, judged.measures if judged else ())


def _variation(desk: Desk) -> Guide:
    return _varied_to(desk, ())


def _varied_to(desk: Desk, judged: Iterable[Measure]) -> Guide:
    stands = tuple(judged) or standing.in_force(Inputs(desk.case.data))
    return Guide(
        begin={"measures": [measure.model_dump(mode="json") for measure in stands]},
        options={"publicity": _publicity()},
        hints={
            "measures": "按复议决定、裁判文书填写变更以后有效的全部处罚内容；"
            "确认违法而不撤销的，删去各行",
            "publicity": "变更后的处罚属于另一类失信信息的，改列类别",
        },
    )


def _payment(desk: Desk) -> Guide:
    debt = desk.case.debt
    return Guide(
        begin={
            "amount": (debt.next_amount or debt.left) if debt else "",
            "on": desk.visit.today.isoformat(),
        },
        hints={
            "on": "以银行凭证为准：加处罚款按缴款日期计算，与登记日期无关",
            "amount": "按银行凭证的金额登记：部分缴纳、多缴的也应当登记；"
            "先抵充罚款，再抵充没收的违法所得，最后抵充加处罚款，多缴的应当退还",
        },
    )


def _account(desk: Desk) -> Guide:
    return Guide(
        begin={"on": desk.visit.today.isoformat()},
        hints={"on": "清单按这一天结束时的情况核算，可以是以前的日期"},
    )


def _refund(desk: Desk) -> Guide:
    debt = desk.case.debt
    return Guide(
        begin={
            "amount": debt.overpaid if debt else "",
            "on": desk.visit.today.isoformat(),
            "account": desk.case.party.name,
        }
    )


def _agreement(desk: Desk) -> Guide:
    return Guide(
        begin={"paper": "执行协议书"},
        hints={
            "paper": "先把双方签章的协议书登记为证据，再填写它的名称",
            "parts": "各期合计等于未缴的罚款和没收款，加处罚款不列入分期",
            "remedy": "只有当事人采取补救措施的，才可以减免加处罚款（《行政强制法》第四十二条）",
        },
    )


def _urging(desk: Desk) -> Guide:
    owed = desk.case.debt
    duty = f"缴纳罚没款及加处罚款，截至今日共{owed.left}元，缴至{owed.payee}" if owed else ""
    return Guide(begin={"duty": duty})


def _application_to_court(desk: Desk) -> Guide:
    owed = desk.case.debt
    claims = f"强制执行罚没款及加处罚款，截至今日共{owed.left}元" if owed else ""
    return Guide(begin={"claims": claims})


def _handing_over(desk: Desk) -> Guide:
    owed, varied = desk.case.debt, standing.variation(Inputs(desk.case.data))
    if owed is None or varied is None:
        return Guide()
    told = f"当事人经催告仍不履行{varied.source}变更后的处罚，截至今日尚欠{owed.left}元"
    return Guide(
        begin={
            "to": varied.body,
            "reason": told,
            "materials": "行政处罚决定书、行政复议决定书、催告书及送达回证",
        }
    )


def _recheck(desk: Desk) -> Guide:
    return shared.recheck(desk.given("application").get("items", ()))


_PENALTY: Mapping[str, Callable[[Desk], Guide]] = {
    "file": shared.filing,
    "hand_over": shared.hand_over,
    "order_correction": shared.order,
    "close_investigation": _conclusion,
    "propose": _opinion,
    "notify": _notice,
    "reconsider": _reconsideration,
    "decide": _decision,
}
_COLLECTING: Mapping[str, Callable[[Desk], Guide]] = {
    "record_payment": _payment,
    # In cases of an older version.
    "pay_instalment": _payment,
    "pay_last_instalment": _payment,
    "draw_up_account": _account,
    "make_agreement": _agreement,
    "record_refund": _refund,
    "urge": _urging,
    "apply_to_court": _application_to_court,
    "hand_over_execution": _handing_over,
    "vary_by_reconsideration": _variation,
    "vary_by_litigation": _judged_variation,
    "record_judgment": _judgment,
}
STEPS: Mapping[str, Callable[[Desk], Guide]] = {
    **{f"penalty.{step}": guide for step, guide in {**_PENALTY, **_COLLECTING}.items()},
    **{f"simple_penalty.{step}": guide for step, guide in _COLLECTING.items()},
    "simple_penalty.punish": _on_the_spot,
    "correction_order.recheck": _recheck,
    "correction_order.find_not_corrected": _recheck,
}
