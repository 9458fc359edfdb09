"""What papers of a penalty print: the sentence in words, the decision, what is owed and where it is
paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of
from casework.common.timekeeping import in_chinese
from casework.common.typed_inputs import Inputs
from casework.documents.paper_parts import Part, Parts
from casework.enforcement.fines import debt as fines
from casework.enforcement.papers import ProofPart, proofs_of
from casework.enforcement.penalty import stages
from casework.enforcement.penalty.credit_class import LABELS as CLASSES
from casework.enforcement.penalty.credit_class import class_of, to_be_shown
from casework.licensing.penalised import standing_licence
from casework.models import Case, Document
from casework.parts.hearing.collect import hearing_right
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.same_act import told_apart
from rulebook.discretion import PENALTY_WEIGHTS, STAGES
from rulebook.models import in_words
from rulebook.money import in_capitals, in_yuan
from state_machines.checks.commitment_check.forms import NOTIFY_REVOCATION
from state_machines.enforcement.fines.forms import END_EXECUTION, RECORD_EXECUTION
from state_machines.enforcement.penalty.forms import (
    NOTIFY,
    RELEASE,
    VARY_BY_LITIGATION,
    VARY_BY_RECONSIDERATION,
    Sentence,
)
from state_machines.licensing.licence.forms import Licence
from state_machines.parts.approvals.measures import Measure
from state_machines.parts.approvals.measures import in_words as measure_in_words
from state_machines.parts.corrections.forms import UNDO_DECISION
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    REQUEST_HEARING,
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.hearing.guards import may_be_heard
from state_machines.parts.legal_review.forms import FORGO_REVIEW, PASS_REVIEW, RETURN_REVIEW
from state_machines.parts.panel.forms import CONCLUDE_PANEL, FORGO_PANEL
from state_machines.parts.remedies.forms import ANNUL, END_LITIGATION, END_RECONSIDERATION
from state_machines.verification import Presence

# Papers by what of them is served.
_DECISIONS = {
    "penalty_decision": "decision",
    "release_decision": "release",
    "spot_decision": "",
}
# What tells the party beforehand of what is to be decided against it, and by which step.
_NOTICES = ("penalty_notice", "revocation_notice")
_TOLD = (NOTIFY, NOTIFY_REVOCATION)
_SILENT = "你（单位）在规定的期限内没有提出陈述、申辩。"
_WAIVED = "你（单位）明确放弃陈述、申辩。"
# What became of the right to a hearing; of several steps the last one counts.
_UNASKED = "你（单位）在法定期限内没有要求听证。"
_UNHEARD: Mapping[str, str] = {
    WAIVE_HEARING: "你（单位）明确放弃听证。",
    WITHDRAW_HEARING: "你（单位）要求听证后撤回了申请。",
    ABANDON_HEARING: "你（单位）要求听证，经通知无正当理由拒不出席或者中途退场，视为放弃。",
}


class SentencePart(TypedDict):
    """The sentence, in words."""

    facts: str
    basis: str
    reasons: str
    evidence: list[ProofPart]
    apart: str
    ordered: list[str]
    examined: list[str]
    measures: list[str]
    licences: list[str]
    stage: str
    weight: str
    aggravations: str
    mitigations: str
    circumstances: str
    departure: str
    credit_class: str
    credit_law: str
    released: str
    hearing: str


class SumsPart(TypedDict):
    """What is owed."""

    total: str
    capitals: str
    fine: str
    confiscated: str
    fee: str
    paid: str
    left: str
    left_capitals: str
    principal: str
    principal_capitals: str
    fee_open: str
    due: str
    period: str
    urged: str
    percent: str
    explained: list[str]


class PayeePart(TypedDict):
    """Where it is paid."""

    bank: str
    holder: str
    account: str


class NoticePart(TypedDict):
    """The notice before the decision. `silent` is what there is to say of a party that stated
    nothing, `unheard` of one that was not heard."""

    defence: str
    hearing: str
    title: str
    number: str
    on: str
    served_on: str
    silent: str
    unheard: NotRequired[str]


class DecidedPart(TypedDict):
    """The decision that was issued."""

    title: str
    number: str
    on: str
    served_on: str
    remedies: str
    varied: list[str]
    outcome: list[str]


class UrgingPart(TypedDict):
    """The urging that was issued."""

    number: str
    served_on: str


def sentence_of(act: Act) -> SentencePart | Literal[""]:
    """The sentence as it was put down last; an empty text before there is one."""
    sentences = act.inputs.saying(Sentence)
    if not sentences:
        return ""
    said, ended = sentences[-1], act.inputs.at(RELEASE)
    released = ended.ground if ended else ""
    told = any(bind.name == "notice" for bind in act.process.binds) and NOTIFY in act.inputs
    return {
        "facts": said.facts,
        "basis": said.basis,
        "reasons": said.reasons,
        "evidence": proofs_of(act),
        "apart": told_apart(act.session, act.case),
        "ordered": _ordered(act),
        "examined": _examined(act),
        "measures": [] if released else [measure_in_words(measure) for measure in said.measures],
        "licences": [] if released else _licences(act, said.measures),
        "stage": STAGES[said.stage],
        "weight": PENALTY_WEIGHTS[said.weight],
        "aggravations": "、".join(said.aggravations) or "无",
        "mitigations": "、".join(said.mitigations) or "无",
        "circumstances": _circumstances(said),
        "departure": said.departure,
        "credit_class": "" if released else _credit_class(act, said),
        "credit_law": _credit_law(act),
        "released": released,
        "hearing": "可以要求听证" if told and may_be_heard(hearing_right(act)) else "",
    }


def _credit_class(act: Act, said: Sentence) -> str:
    """What class of record comes of it, in words: `一般失信信息，依法公示`."""
    code = said.violation.casefold()
    known = code in act.rules.known("violation", act.day, act.region)
    violation = act.rules.violation(code, act.day, act.region)[0] if known else None
    shown = "依法公示" if to_be_shown(act, said.measures, act.day) else "不予公示"
    return f"{CLASSES[class_of(act, said.measures, violation, act.day)]}失信信息，{shown}"


def _credit_law(act: Act) -> str:
    """By which rules, in force on that day, a record is shown and repaired."""
    term, _ = act.rules.limit("repair.minimum.general", act.day, act.region)
    return term.law


def _ordered(act: Act) -> list[str]:
    """What the party was ordered to put right, and what came of it, in sentences (处罚法28)."""
    cases = [one for one in (act.case.origin_id, act.case.id) if one is not None]
    issued = act.session.scalars(
        select(Document)
        .where(
            Document.case_id.in_(cases),
            Document.key == "correction_notice",
            Document.corrects.is_(None),
        )
        .order_by(Document.id)
    ).all()
    told = []
    for paper in issued:
        until, outcome = stages.came_of(act, paper)
        text = f"本机关于{in_chinese(paper.issued_on)}作出《{paper.title}》（{paper.number}）"
        by = f"于{in_chinese(until)}前（含当日）" if until else ""
        told.append(f"{text}，责令你（单位）{by}改正{f'；{outcome}' if outcome else ''}。")
    return told


def _examined(act: Act) -> list[str]:
    """Who looked at the draft before it was decided, in sentences (处罚法57、58)."""
    told = []
    if act.latest((PASS_REVIEW, RETURN_REVIEW, FORGO_REVIEW)) == PASS_REVIEW:
        told.append(f"本案已于{in_chinese(act.dates[PASS_REVIEW])}经法制审核通过。")
    if act.latest((CONCLUDE_PANEL, FORGO_PANEL, NOTIFY)) == CONCLUDE_PANEL:
        told.append("本决定经本机关负责人集体讨论作出。")
    return told


def _licences(act: Act, measures: Iterable[Measure]) -> list[str]:
    """The licences, by number, that a sentence takes or suspends."""
    kinds = {str(measure.kind) for measure in measures}
    if act.case.place_id is None or not kinds & set(standing_licence.TAKES.values()):
        return []
    held = act.session.scalars(
        select(Case)
        .where(
            Case.process == "licence",
            Case.party_id == act.case.party_id,
            Case.place_id == act.case.place_id,
            Case.ended_at.is_(None),
        )
        .order_by(Case.id)
    )
    return [f"卫生许可证（{Inputs(case.data).application(Licence).number}）" for case in held]


def _circumstances(said: Sentence) -> str:
    """What makes the case heavier, lighter or grave, as notice and decision tell it."""
    grave = said.gravity.strip()
    told = [said.circumstances, f"认定情节严重的事实和证据：{grave}" if grave else ""]
    return "；".join(part for part in told if part)


def sums_of(act: Act) -> SumsPart:
    """What is owed on the day of the act, and by when; where nothing is, empty texts."""
    owed = fines.owed_on(act, act.day)
    period, _ = act.rules.limit("penalty.payment", act.day, act.region)
    urged, _ = act.rules.limit("coercion.after_urging", act.day, act.region)
    rule = act.rules.value("penalty.late_fee", act.day, act.region)
    total = owed.fine + owed.confiscated
    principal = owed.fine_open + owed.confiscated_open
    return {
        "total": in_yuan(total) if total else "",
        "capitals": in_capitals(total) if total else "",
        "fine": in_yuan(owed.fine) if owed.fine else "",
        "confiscated": in_yuan(owed.confiscated) if owed.confiscated else "",
        "fee": in_yuan(owed.late_fee),
        "paid": in_yuan(owed.paid),
        "left": in_yuan(owed.left),
        "left_capitals": in_capitals(owed.left),
        "principal": in_yuan(principal),
        "principal_capitals": in_capitals(principal),
        "fee_open": in_yuan(owed.late_fee_open) if owed.late_fee_open else "",
        "due": owed.due_on.isoformat() if owed.due_on else "",
        "period": in_words(period.n, period.unit),
        "urged": in_words(urged.n, urged.unit),
        "percent": str(rule["percent_per_day"]),
        "explained": owed.explain() if owed.late_fee else [],
    }


def payee_of(act: Act) -> PayeePart:
    """Where a fine is paid (国务院令第235号)."""
    found: PayeePart = act.rules.value("penalty.payee", act.day, act.region)
    return found


def notice_of(act: Act) -> NoticePart:
    """The notice before a decision: how long the party has for its defence and for asking for a
    hearing, in words; its name, number and days, once there are any; what became of both.
    """
    defence, _ = act.rules.limit("penalty.defence", act.day, act.region)
    hearing, _ = act.rules.limit("penalty.hearing_request", act.day, act.region)
    paper = _latest(act, _NOTICES)
    last = act.latest((*_TOLD, REQUEST_HEARING, *_UNHEARD))
    waived = act.latest((*_TOLD, WAIVE_DEFENCE)) == WAIVE_DEFENCE
    found: NoticePart = {
        "defence": defence.text,
        "hearing": hearing.text,
        "title": paper.title if paper else "",
        "number": paper.number if paper else "",
        "on": paper.issued_on.isoformat() if paper else "",
        "served_on": entry_of(act.data, "notice")["served_on"] or "",
        "silent": _WAIVED if waived else _SILENT,
    }
    if last != REQUEST_HEARING:  # a hearing that was asked for and not given up was held
        found["unheard"] = _UNHEARD.get(last or "", _UNASKED)
    return found


def decided_of(act: Act) -> DecidedPart | Literal[""]:
    """The decision that was issued: its name, number, day, when it was served, what became of the
    remedies against it, how it was varied, and how its execution ended; an empty text before there
    is one."""
    paper = _latest(act, tuple(_DECISIONS))
    if paper is None:
        return ""
    service = _DECISIONS[paper.key]
    on = paper.issued_on.isoformat()
    return {
        "title": paper.title,
        "number": paper.number,
        "on": on,
        # What is decided on the spot is handed over at once (处罚法52).
        "served_on": (entry_of(act.data, service)["served_on"] or "") if service else on,
        "remedies": _remedies(act),
        "varied": _varied(act),
        "outcome": _outcome(act),
    }


def urging_of(act: Act) -> UrgingPart | Literal[""]:
    """The urging that was issued: its number, and when it was served; an empty text before that."""
    paper = _latest(act, ("urging_notice",))
    if paper is None:
        return ""
    served = entry_of(act.data, "urging")["served_on"]
    return {"number": paper.number, "served_on": served or ""}


def _remedies(act: Act) -> str:
    """What the party did against the decision, as an application to the court tells it."""
    told = []
    reviewed, judged = "申请行政复议，复议结果为", "提起行政诉讼，裁判结果为"
    for said, what in (
        (act.inputs.at(END_RECONSIDERATION), reviewed),
        (act.inputs.at(VARY_BY_RECONSIDERATION), reviewed),
        (act.inputs.at(END_LITIGATION), judged),
        (act.inputs.at(VARY_BY_LITIGATION), judged),
    ):
        if said:
            told.append(f"{what}“{said.result}”（{said.number}）")
    return "；".join(told) or "在法定期限内没有申请行政复议、没有提起行政诉讼"


def _varied(act: Act) -> list[str]:
    """By which paper the decision was varied, and what stands of it, in sentences; none where it
    stands as it was made."""
    said = standing.variation(act.inputs)
    if said is None or standing.overturned(act.inputs):
        return []
    if said.leaves_it:
        return [f"{said.source}确认该决定违法，但不撤销，决定内容不变。"]
    stands = "；".join(measure_in_words(measure) for measure in said.measures)
    return [f"该决定已由{said.source}{said.result}，此后有效的处罚内容为：{stands}。"]


def _outcome(act: Act) -> list[str]:
    """How the execution of a decision ended other than by payment, in sentences."""
    told = []
    if executed := act.inputs.at(RECORD_EXECUTION):
        amount = in_yuan(Decimal(executed.amount))
        told.append(f"人民法院于{in_chinese(executed.on)}执行到位{amount}（{executed.ruling}）。")
    if ended := act.inputs.at(END_EXECUTION):
        told.append(f"终结执行：{ended.ground}。")
    if ANNUL in act.inputs:
        told.append(f"行政处罚决定{standing.overturned(act.inputs)}，不再执行。")
    if undone := act.inputs.at(UNDO_DECISION):
        told.append(f"行政处罚决定由本机关依职权{undone.kind}，不再执行。")
    return told


def _latest(act: Act, keys: tuple[str, ...]) -> Document | None:
    """The latest of those papers that this case, or the one it came from, has issued."""
    for document in reversed(act.issued):
        if document.key in keys and document.corrects is None:
            return document
    cases = [one for one in (act.case.id, act.case.origin_id) if one is not None]
    return act.session.scalar(
        select(Document)
        .where(Document.case_id.in_(cases), Document.key.in_(keys), Document.corrects.is_(None))
        .order_by(Document.id.desc())
        .limit(1)
    )


PARTS: Parts = {
    "decided": Part(decided_of, Presence(documents=tuple(_DECISIONS))),
    "notice": Part(notice_of),
    "payee": Part(payee_of),
    "sentence": Part(sentence_of, Presence(forms=("stage",))),
    "sums": Part(sums_of),
    "urging": Part(urging_of, Presence(documents=("urging_notice",))),
}
