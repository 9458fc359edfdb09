"""Things are taken by a law that allows it, confiscated (没收) by a decision that names them and
that was served, given back whole, and not taken again when their time has run out, in cases of
every version.

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
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Case, Document, LogRow
from casework.parts.evidence.register import registered
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.same_act import other_cases
from rulebook.citations import citations
from state_machines.enforcement.custody.forms import (
    CONFISCATE,
    EXTEND,
    GIVE_BACK,
    LIFT_BY_LAW,
    PRESERVE,
    RELEASE_BY_LAW,
    REQUEST_CUSTODY,
    SEIZE,
    SEIZE_AT_ONCE,
    SEND_FOR_TEST,
    Confiscation,
    Custody,
    GivingBack,
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
# What is said of a thing aside.
_ASIDE = re.compile(r"[（(\[【][^（）()\[\]【】]*[）)\]】]")
_PLACE = re.compile(r"(?:房|间|厅|楼|层|店|馆|院|室|仓库|库房|大堂|泳池|浴场|院落)$")
_PRESERVING = ("行政处罚法",)
# They say how something is sealed or taken, and what else a penalty wants, and give no power.
_MERELY_HOW = ("行政强制法", "行政许可法", "行政诉讼法", "行政复议法")
# How rules of departments and of local governments are called; a regulation is a 条例.
_RULES = ("细则", "程序规定", "管理办法", "管理规定", "规范", "标准")
_AT_ONCE = "seized_urgently"
_TAKING = (PRESERVE, SEIZE, SEIZE_AT_ONCE)
_DECISION = "penalty_decision"


def refusals(act: Act) -> list[Refusal]:
    """What stands against taking what nobody approved, by no law, or again, against going on with
    what was extended untold, and against confiscating by the decision that the form names."""
    if act.step.name == REQUEST_CUSTODY:
        return list(_of_request(act))
    if act.process.key != "evidence_custody":
        return []
    if act.step.name in _TAKING:
        return [*_of_taking(act), *_taken_before(act)]
    if act.step.name == GIVE_BACK:
        return list(_kept_back(act))
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
    """Things of the party that were held by the same kind of measure for the same matter, and were
    released since their time ran out, or that were released for whatever matter and are still to be
    given back: another measure would go round its limit."""
    measure = act.inputs.application(Custody).measure
    others = act.session.scalars(
        select(Case)
        .where(
            Case.process == act.process.key,
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            Case.id != act.case.id,
        )
        .order_by(Case.id)
    )
    for case in others:
        inputs = Inputs(case.data)
        alike = (inputs.application(Custody).measure == Measure.PRESERVE) == (
            measure == Measure.PRESERVE
        )
        ran_out = RELEASE_BY_LAW in inputs or LIFT_BY_LAW in inputs
        taken = inputs.last(_TAKING)
        if not (alike and taken and (ran_out or case.state == "released")):
            continue
        if case.state != "released" and not _of_one_matter(act, case):
            continue
        # What was seized at once and not approved in time was held for a day alone (强制法19): a
        # seizure that is approved is the first to bear a term (强制法18), one more at once is not.
        if act.step.name == SEIZE and _was_not_approved(act, case):
            continue
        now = act.filled(Taking).things
        again = [thing.name for thing in now if any(_are_one(thing, one) for one in taken.things)]
        if again:
            why = "期限届满已解除" if ran_out else "已解除但尚未退还"
            where = "本案" if case.origin_id == act.case.origin_id else ""
            yield Refusal(
                "taken_before",
                f"{'、'.join(again)}在{where}{case.number}中{why}，不得再次采取同一种措施："
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


def _of_one_matter(act: Act, custody: Case) -> bool:
    """Whether two custodies are of one case, of one that came of it, or of two about the same
    act."""
    mine, its = (
        act.session.get_one(Case, case.origin_id or case.id) for case in (act.case, custody)
    )
    if mine.id == its.id or (mine.family_id or mine.id) == (its.family_id or its.id):
        return True
    others = other_cases(act.session, act.case.party_id, legal_date(act.context.now))
    conducts = {other.number: other.conduct for other in others}
    one, other = conducts.get(mine.number), conducts.get(its.number)
    return one is not None and other is not None and one.is_of(other)


def _are_one(thing: Thing, other: Thing) -> bool:
    """Whether two lines of lists are of the same things: of one name, whatever is said of it in
    brackets, and not of two kinds or batches that both lines tell."""
    if _bare(thing.name) != _bare(other.name):
        return False
    one, another = folded(thing.spec), folded(other.spec)
    return one in another or another in one


def _bare(name: str) -> str:
    return folded(_ASIDE.sub("", name)) or folded(name)


def _kept_back(act: Act) -> Iterator[Refusal]:
    """What was taken is given back, all of it: but for what a test used up, what a decision took,
    and what was lost and made good for by a paper on file."""
    taken = act.before.last(_TAKING)
    back = act.filled(GivingBack).things
    if taken is None or not back:
        return
    tested = act.before.at(SEND_FOR_TEST)
    used = folded(tested.what) if tested else ""
    gone = [detail for detail in _confiscated(act) if detail]
    kept = [
        f"{thing.name}{thing.quantity}"
        for thing in taken.things
        if not any(_are_back(act, thing, one) for one in back)
        and _bare(thing.name) not in used
        and not any(_bare(thing.name) in detail for detail in gone)
    ]
    if kept:
        text = (
            f"{'、'.join(kept)}没有全部退还：解除后应当立即退还全部财物；检测耗用的写入送检内容，"
            "灭失、损毁的应当赔偿，先登记赔偿的材料，再在该项物品的“外观、成色”中写明它的名称"
        )
        yield Refusal("kept_back", text, "《行政强制法》第二十六条、第二十八条第二款")


def _are_back(act: Act, thing: Thing, back: Thing) -> bool:
    if not _are_one(thing, back):
        return False
    return _within(thing.quantity, back.quantity) or registered(act, back.condition)


def _confiscated(act: Act) -> Iterator[str]:
    """What decisions in force, which their party has, take of its things, each as it says so."""
    decisions = act.session.execute(
        select(Case, Document.log_seq)
        .join(Document, Document.case_id == Case.id)
        .where(
            Document.key == _DECISION,
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
        )
        .order_by(Case.id)
    ).all()
    taking = [(case, seq) for case, seq in decisions if _goods(case)]
    waiting = unserved(act.session, [(case.id, seq) for case, seq in taking])
    for case, seq in taking:
        if (case.id, seq) not in waiting:
            yield from _goods(case)


def _goods(case: Case) -> list[str]:
    """Which goods the decision of a case confiscates, as it stands."""
    return [
        folded(measure.detail)
        for measure in standing.in_force(Inputs(case.data))
        if measure.kind == MeasureKind.CONFISCATE_GOODS
    ]


def _confiscating(act: Act) -> list[Refusal]:
    said = act.filled(Confiscation)
    number = said.decision_number.strip()
    decisions = act.session.execute(
        select(Case, Document)
        .join(Document, Document.case_id == Case.id)
        .where(Document.key == _DECISION, Document.number.in_(spellings(number)))
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
    for case, paper in decisions:
        goods = _goods(case)
        if case.party_id in line and paper.issued_on == said.decided_on and goods:
            return [*_unserved(act, case, paper), *_beyond_decision(act, goods, number)]
    text = (
        f"{number}不是{said.decided_on:%Y-%m-%d}对当事人作出的、现行有效的没收非法财物的决定，"
        "不能据以没收；没有决定没收的，应当解除措施、退还物品"
    )
    return [Refusal("decision_confiscates_nothing", text, _LAW)]


def _unserved(act: Act, case: Case, paper: Document) -> Iterator[Refusal]:
    """A decision takes nothing before its party has it."""
    if unserved(act.session, [(case.id, paper.log_seq)]):
        text = f"{paper.number}尚未送达当事人，还没有生效，不能据以没收：请先送达"
        yield Refusal("decision_not_served", text, f"《行政处罚法》第六十一条第一款、{_LAW}")


def _beyond_decision(act: Act, goods: list[str], number: str) -> Iterator[Refusal]:
    """A decision takes what it names, and nothing that is kept besides; one of before, which names
    nothing, takes what is kept."""
    taken = act.before.last(_TAKING)
    if not all(goods):
        return
    beyond = [
        thing.name
        for thing in (taken.things if taken else ())
        if not any(_bare(thing.name) in detail or detail in folded(thing.name) for detail in goods)
    ]
    if beyond:
        text = (
            f"{number}没有决定没收{'、'.join(beyond)}，不能一并没收：请解除措施，退还决定没有没收的"
            "物品（退还时不列入决定没收的物品）"
        )
        yield Refusal("confiscated_beyond_decision", text, f"《行政强制法》第二十八条、{_LAW}")


def _of_request(act: Act) -> Iterator[Refusal]:
    """No measure of coercion without a concrete article of law (强制法4), and none on money: it
    shows nothing of an offence of hygiene, and what was gained is confiscated by a decision. Nor is
    a place carried away (扣押)."""
    request = act.filled(Request)
    yield from _of_place(request)
    yield from _of_power(request)
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


def _of_place(request: Request) -> Iterator[Refusal]:
    places = [
        thing.name
        for thing in request.things
        if _PLACE.search(_bare(thing.name)) or "场所" in thing.name
    ]
    if request.measure == Measure.DETAIN and places:
        text = f"“{'、'.join(places)}”是场所，不能扣押：依法可以查封的，请选择“查封”"
        yield Refusal("place_is_not_detained", text, "《行政强制法》第九条第二项、第三项")


def _of_power(request: Request) -> Iterator[Refusal]:
    """Things are preserved by 处罚法56; they are sealed or taken only by a law or regulation that
    says so for such things: not by one that says merely how, nor by a rule of a department."""
    cited = {citation.law for citation in citations(request.basis) if citation.article}
    if not cited:
        return  # refused as vague
    if request.measure == Measure.PRESERVE:
        if not cited & set(_PRESERVING):
            text = "先行登记保存的依据是《行政处罚法》第五十六条，请引用该条"
            yield Refusal("custody_basis_wrong", text, "《行政处罚法》第五十六条")
    elif all(law in (*_PRESERVING, *_MERELY_HOW) or law.endswith(_RULES) for law in cited):
        text = (
            f"“{request.basis[:40]}”没有设定查封、扣押：须引用设定该措施的法律、行政法规、地方性法规的条文，"
            "部门规章、《行政处罚法》《行政强制法》不设定；证据可能灭失的，办理先行登记保存"
        )
        yield Refusal("custody_without_power", text, "《行政强制法》第四条、第十条、第十七条第一款")


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
