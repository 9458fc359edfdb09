"""Things are confiscated (没收) by a decision that says so and stands, and are not taken again when
their time has run out, in cases of every version.

A decision of this house is known by its number. One of another body, as of a court, is on file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of, unserved
from casework.acts.successions import line_of
from casework.common.codes import spellings
from casework.common.numerals import NUMBER, read
from casework.common.texts import folded
from casework.common.typed_inputs import Inputs
from casework.models import Case, Document, LogRow
from casework.parts.evidence.register import registered
from casework.parts.remedies import decision_in_force as standing
from rulebook.citations import citations
from state_machines.enforcement.custody.forms import (
    CONFISCATE,
    EXTEND,
    LIFT_BY_LAW,
    PRESERVE,
    RELEASE_BY_LAW,
    REQUEST_CUSTODY,
    SEIZE,
    SEIZE_AT_ONCE,
    SEND_FOR_TEST,
    Confiscation,
    Custody,
    Measure,
    Request,
    Taking,
    Thing,
)
from state_machines.language.vocabulary import Refusal
from state_machines.parts.approvals.measures import MeasureKind

_LAW = "《行政强制法》第二十七条、《行政处罚法》第五十六条、第五十九条"
_QUANTITY = re.compile(rf"\s*(?P<n>{NUMBER})\s*(?P<unit>[^\d\s（(，,；;]*)")
# What tells of money, or counts it, is none: 现金日记账, 银行卡刷卡机, 收据（货款）. What
# lies in it is: 账本内夹现金, 现金（收银机内）. So is a sum: 现金5万元随单据, 收据（现金5万元）.
_TELLS = (
    "(?:账目?|帐|簿|册|本(?!金)|单(?!位)|据|机|发票|凭证|证明|记录|合同|协议|明细|流水|复印件|照片)"
    "(?![内里中上下旁夹])"
)
_MONEY = re.compile(
    "(?:现金|现钞|人民币|美元|钱款|货款|营业款|存款|存折|银行卡|纸币|硬币|钞票)"
    rf"(?![^（(、，,；;和及与\d元\s]{{0,20}}{_TELLS})"
)
_OF_WHAT = re.compile(rf"({_TELLS})[（(][^）)内里中夹含\d元]*+[）)]")
_AT_ONCE = "seized_urgently"
_TAKING = (PRESERVE, SEIZE, SEIZE_AT_ONCE)


def refusals(act: Act) -> list[Refusal]:
    """What stands against taking what nobody approved, by no law, or again, against going on with
    what was extended untold, and against confiscating by the decision that the form names."""
    if act.step.name == REQUEST_CUSTODY:
        return list(_of_request(act))
    if act.process.key != "evidence_custody":
        return []
    if act.step.name in _TAKING:
        return [*_of_taking(act), *_taken_before(act)]
    if act.step.name not in (SEND_FOR_TEST, CONFISCATE):
        return []
    return [*_untold(act), *(_confiscating(act) if act.step.name == CONFISCATE else ())]


def _untold(act: Act) -> Iterator[Refusal]:
    """That a seizure was extended is told at once (强制法25): nothing more is done with the things
    before, unless the party is not to be found and it was announced."""
    extended = act.dossier.row_of(EXTEND)
    told = entry_of(act.case.data, "extension")["announced"]
    if extended and not told and unserved(act.session, [(act.case.id, extended)]):
        text = (
            "延长查封、扣押期限的决定书尚未送达当事人，不能送检、没收：请先登记该决定书送达；"
            "以其他方式无法送达的，先公告送达"
        )
        yield Refusal("extension_not_served", text, "《行政强制法》第二十五条第二款")


def _taken_before(act: Act) -> Iterator[Refusal]:
    """Things that were held by the same kind of measure in the same case, and were released since
    their time ran out or are still to be given back: another measure would go round its limit."""
    measure = act.inputs.application(Custody).measure
    others = act.session.scalars(
        select(Case)
        .where(
            Case.process == act.process.key,
            Case.origin_id == act.case.origin_id,
            Case.id != act.case.id,
        )
        .order_by(Case.id)
    )
    now = {_named(thing): thing.name for thing in act.filled(Taking).things}
    for case in others:
        inputs = Inputs(case.data)
        alike = (inputs.application(Custody).measure == Measure.PRESERVE) == (
            measure == Measure.PRESERVE
        )
        ran_out = RELEASE_BY_LAW in inputs or LIFT_BY_LAW in inputs
        taken = inputs.last(_TAKING)
        if not (alike and taken and (ran_out or case.state == "released")):
            continue
        # What was seized at once and not approved in time was held for a day alone (强制法19): a
        # seizure that is approved is the first to bear a term (强制法18), one more at once is not.
        if act.step.name == SEIZE and _was_not_approved(act, case):
            continue
        again = [now[_named(one)] for one in taken.things if _named(one) in now]
        if again:
            why = "期限届满已解除" if ran_out else "已解除但尚未退还"
            yield Refusal(
                "taken_before",
                f"{'、'.join(again)}在本案{case.number}中{why}，不得再次采取同一种措施："
                "应当立即退还物品",
                "《行政强制法》第二十五条、第二十八条、《行政处罚法》第五十六条",
            )


def _was_not_approved(act: Act, case: Case) -> bool:
    """Whether a seizure at once was lifted since nobody approved it in its day."""
    lifted = select(LogRow.seq).where(
        LogRow.case_id == case.id,
        LogRow.header["kind"].as_string() == "step",
        LogRow.header["name"].as_string() == LIFT_BY_LAW,
        LogRow.header["source"].as_string() == _AT_ONCE,
    )
    return act.session.scalar(lifted.limit(1)) is not None


def _named(thing: Thing) -> tuple[str, str]:
    """By what a thing is known again: name and specification, in one form."""
    return folded(thing.name), folded(thing.spec)


def _confiscating(act: Act) -> list[Refusal]:
    said = act.filled(Confiscation)
    number = said.decision_number.strip()
    decisions = act.session.execute(
        select(Case, Document)
        .join(Document, Document.case_id == Case.id)
        .where(Document.key == "penalty_decision", Document.number.in_(spellings(number)))
    ).all()
    if not decisions:
        if registered(act, number):
            return []
        text = (
            f"没有查到文号为“{number}”的处罚决定，不能没收：请核对文号；由其他机关、人民法院决定没收的，"
            "先把该文书登记为本案证据（名称写明文号）"
        )
        return [Refusal("confiscating_decision_unknown", text, _LAW)]
    line = set(act.session.scalars(line_of(act.case.party_id, act.day)))
    goods = MeasureKind.CONFISCATE_GOODS
    for case, paper in decisions:
        stands = any(measure.kind == goods for measure in standing.in_force(Inputs(case.data)))
        if case.party_id in line and paper.issued_on == said.decided_on and stands:
            return []
    text = (
        f"{number}不是{said.decided_on:%Y-%m-%d}对当事人作出的、现行有效的没收非法财物的决定，"
        "不能据以没收；没有决定没收的，应当解除措施、退还物品"
    )
    return [Refusal("decision_confiscates_nothing", text, _LAW)]


def _of_request(act: Act) -> Iterator[Refusal]:
    """No measure of coercion without a concrete article of law (强制法4), and none on money: it
    shows nothing of an offence of hygiene, and what was gained is confiscated by a decision."""
    request = act.filled(Request)
    money = [thing.name for thing in request.things if _is_money(folded(thing.name))]
    if money:
        text = (
            f"“{'、'.join(money)}”不是证据，也不是与违法行为有关的场所、设施、物品，不得登记保存、查封、"
            "扣押：收入的账目可以复制、拍照取证，违法所得由处罚决定没收"
        )
        yield Refusal(
            "money_is_no_evidence", text, "《行政处罚法》第五十六条、《行政强制法》第二十三条"
        )
    basis = request.basis
    if any(citation.article for citation in citations(basis)):
        return
    text = f"“{basis[:40]}”不是法律依据：请引用法律、法规的名称和条文，如《行政处罚法》第五十六条"
    yield Refusal("custody_basis_vague", text, "《行政强制法》第四条、第十八条、第二十四条第二款")


def _is_money(name: str) -> bool:
    return _MONEY.search(_OF_WHAT.sub(r"\1", name)) is not None


def _of_taking(act: Act) -> Iterator[Refusal]:
    """What is taken is what was applied for and approved, and no more of it."""
    asked = {folded(thing.name): thing for thing in act.inputs.application(Custody).things}
    beyond = [
        f"{thing.name}{thing.quantity}"
        for thing in act.filled(Taking).things
        if folded(thing.name) not in asked
        or not _within(thing.quantity, asked[folded(thing.name)].quantity)
    ]
    if beyond:
        text = (
            f"“{'、'.join(beyond)}”不在申请、批准的物品以内：超出的须另行申请批准，"
            "不得查封、扣押、登记保存与违法行为无关的财物"
        )
        yield Refusal(
            "taken_beyond_approval", text, "《行政强制法》第十八条第一项、第二十三条第一款"
        )


def _within(taken: str, asked: str) -> bool:
    """Whether a quantity is no more than another, of the same measure: 十瓶 of 12瓶. What says no
    number is within nothing but itself."""
    if folded(taken) == folded(asked):
        return True
    now, most = _QUANTITY.match(taken), _QUANTITY.match(asked)
    if now is None or most is None or now["unit"] != most["unit"]:
        return False
    taking, approved = read(now["n"]), read(most["n"])
    return taking is not None and approved is not None and taking <= approved
