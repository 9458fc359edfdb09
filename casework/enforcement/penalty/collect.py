"""A penalty (行政处罚): the party, the violation and its range, what was ordered and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import day_of
from casework.acts.proposals import dispensed, draft_of
from casework.common.problems import Misconfigured
from casework.enforcement.exemption.collect import age_on, same_kind_records
from casework.enforcement.penalty.credit_class import LABELS, class_of, to_be_shown
from casework.enforcement.penalty.stages import correction_failed, gravity_of
from casework.kernel.facts import FactTable
from casework.models import Case
from casework.parts.evidence.register import registered
from casework.parts.remedies import decision_in_force as standing
from rulebook.citations import Citation, beside_citations, citations, known_of
from rulebook.discretion import STAGES, lawful, stepped
from rulebook.models import Violation
from rulebook.money import yuan
from state_machines.enforcement.fines.forms import ExecutionEndGround
from state_machines.enforcement.penalty.facts import (
    BasisCited,
    Circumstances,
    ClassDue,
    Culpability,
    Details,
    FilingDay,
    FineProposed,
    GoodsValued,
    GravityTold,
    JusticePaper,
    Ordered,
    PartyEnd,
    PublicityClass,
    SpotLimit,
    SpotReport,
    StageFound,
    TransferKind,
    Violated,
)
from state_machines.enforcement.penalty.forms import Aggravation
from state_machines.enforcement.penalty.forms import TransferKind as Transferred
from state_machines.parts.approvals.measures import (
    CONFISCATIONS,
    FINES,
    MeasureKind,
    money,
    total,
    unvalued_goods,
)

_REDUCED = "reduced"
# These are told whole by kind and sum.
_WITHOUT_DETAIL = frozenset({MeasureKind.WARNING, MeasureKind.CRITICISM, MeasureKind.FINE})
# By which words a text speaks of kinds of penalty.
_SPOKEN_OF: Mapping[str, frozenset[MeasureKind]] = {
    "吊销": frozenset({MeasureKind.CANCEL_LICENCE}),
    "暂扣": frozenset({MeasureKind.SUSPEND_LICENCE}),
    "停产": frozenset({MeasureKind.STOP_BUSINESS}),
    "停业": frozenset({MeasureKind.STOP_BUSINESS}),
    "关闭": frozenset({MeasureKind.CLOSE_BUSINESS}),
    "罚款": frozenset({MeasureKind.FINE}),
    "没收": frozenset({MeasureKind.CONFISCATE_GAIN, MeasureKind.CONFISCATE_GOODS}),
}
# What says that a person died, or a firm is no more, in 终止办理 and 终结执行.
_ENDS = {
    "当事人死亡": "death",
    "当事人终止且没有权利义务承受人": "dissolution",
    ExecutionEndGround.DEAD.value: "death",
    ExecutionEndGround.DISSOLVED.value: "dissolution",
}
# How the 统一社会信用代码 of a 个体工商户 begins (GB 32100: 工商登记，个体工商户).
_SOLE_TRADER = "92"
_GAIN = MeasureKind.CONFISCATE_GAIN.value
_OF_MONEY = (*FINES, _GAIN)


def _filing_day(act: Act) -> FilingDay:
    return FilingDay(date.fromisoformat(act.data["application"]["filed_on"]), act.day)


def _culpability(act: Act) -> Culpability:
    age = age_on(act, date.fromisoformat(act.data["application"]["act_on"]))
    return Culpability(
        under_fourteen=age is not None and age < 14,
        under_eighteen=age is not None and age < 18,
        incapable=bool(act.input.get("incapable")),
        lighter=act.input.get("weight") in ("lighter", _REDUCED),
        gone_on=gone if (gone := act.party.dissolved_on) and gone <= act.day else None,
    )


def _party_end(act: Act) -> PartyEnd:
    natural = act.party.code_kind == "id"
    return PartyEnd(
        _ENDS.get(act.input.get("ground", ""), ""),
        may_die=natural or act.party.code.startswith(_SOLE_TRADER),
        may_dissolve=not natural,
    )


def _named(act: Act) -> Violation | None:
    """The violation that the sentence names, or None if there is none of that code."""
    return _known(act, act.input)


def _known(act: Act, given: Mapping[str, Any]) -> Violation | None:
    code = str(given.get("violation", "")).casefold()
    if code not in act.rules.known("violation", act.day, act.region):
        return None
    return act.rules.violation(code, act.day, act.region)[0]


def _violated(act: Act) -> Violated:
    proposed = tuple(one["kind"] for one in act.input.get("measures", ()))
    found = _named(act)
    if found is None:
        return Violated(str(act.input.get("violation", "")), "", (), proposed)
    return Violated("", found.label, _kinds_of(act, found), proposed)


def _kinds_of(act: Act, found: Violation) -> tuple[str, ...]:
    """The kinds of penalty that the article has, and what 处罚法28 takes whatever it says."""
    kinds: tuple[str, ...] = found.penalties
    gains = act.rules.value("penalty.gains_confiscated", act.day, act.region)
    return kinds if not gains or _GAIN in kinds else (*kinds, _GAIN)


def _fine(act: Act) -> FineProposed:
    given, found = act.input, _named(act)
    measures = given.get("measures", ())
    amount = total(measures, FINES)
    income = yuan(given["illegal_income"]) if given.get("illegal_income") else Decimal(0)
    weight, stage = given.get("weight", ""), given.get("stage")
    whole = lawful(found, stage, income) if found and stage else None
    shares = act.rules.value("penalty.discretion_shares", act.day, act.region)
    step = None
    if found and stage and whole and weight != _REDUCED:
        step = stepped(found, stage, weight, shares, income)
    return FineProposed(
        fines=sum(1 for one in measures if one["kind"] in FINES),
        amount=f"{amount:.2f}",
        weight=weight,
        lawful=whole.text if whole else "",
        in_law=bool(whole and whole.holds(amount)),
        below_law=bool(whole and Decimal(0) < amount < whole.least),
        step=step.text if step else "",
        in_step=bool(step and step.holds(amount)),
        departure=bool(str(given.get("departure", "")).strip()),
        unsummed=tuple(
            one["kind"] for one in measures if one["kind"] in _OF_MONEY and not money(one["amount"])
        ),
    )


def _circumstances(act: Act) -> Circumstances:
    given = act.input
    heavier = tuple(given.get("aggravations", ()))
    return Circumstances(
        weight=given.get("weight", ""),
        heavier=heavier,
        lighter=tuple(given.get("mitigations", ())),
        repeated=Aggravation.REPEATED.value in heavier,
        former=same_kind_records(act) if Aggravation.REPEATED.value in heavier else (),
        failed=Aggravation.UNCORRECTED.value in heavier,
        uncorrected=not correction_failed(act),
        told=bool(str(given.get("circumstances", "")).strip()),
    )


def _stage(act: Act) -> StageFound:
    given, found = act.input, _named(act)
    stage = str(given.get("stage", ""))
    kinds = {str(one["kind"]) for one in given.get("measures", ())}
    stages_of = {kind: found.stages_of(kind) for kind in sorted(kinds)} if found else {}
    not_so = correction_failed(act)
    reached = {
        "at_once",
        *(() if not_so else ("uncorrected",)),
        *(("grave",) if gravity_of(given) else ()),
    }
    # A fine is judged by the stage that is said, and by its range.
    early = tuple(
        (kind, "、".join(f"“{STAGES[one]}”" for one in stages))
        for kind, stages in stages_of.items()
        if kind not in FINES and "at_once" not in stages and not reached & set(stages)
    )
    return StageFound(
        stage=stage,
        uncorrected=not not_so,
        not_so=not_so,
        grave="grave" in reached,
        spot=act.step.name == "punish",
        milder=stage == "at_once" and not not_so and "uncorrected" in stages_of.get("罚款", ()),
        reasons=bool(str(given.get("departure", "")).strip()),
        early=early,
    )


def _basis(act: Act) -> BasisCited:
    said, found = str(act.input.get("basis", "")), _named(act)
    if found is None:
        return BasisCited((), (), "", ())
    cited = citations(said)
    # What every penalty may cite, by its place in the law.
    general = known_of(act.rules.value("penalty.general_articles", act.day, act.region))
    punishing = known_of([found.law])
    known = (*punishing, *known_of([found.violated]), *general)
    return BasisCited(
        missing=tuple(
            one.text for one in punishing if not any(_is_at(mine, one) for mine in cited)
        ),
        strange=tuple(mine.text for mine in cited if not any(_is_at(mine, one) for one in known)),
        free=beside_citations(said),
        known=tuple(one.text for one in (*punishing, *known_of([found.violated]))),
    )


def _is_at(mine: Citation, known: Citation) -> bool:
    """Whether a citation names a concrete article, that of the catalogue; of a law whose articles
    the catalogue does not know, any."""
    return bool(mine.article) and mine.is_within(known)


def _gravity(act: Act) -> GravityTold:
    told = act.data.get("notify", {})
    said = act.input if "measures" in act.input else draft_of(act) or {}
    return GravityTold(
        relied_on=_rests_on_gravity(act, said),
        told=bool(gravity_of(told)) and _rests_on_gravity(act, told),
        discussed=not dispensed(act, "panel"),
    )


def _rests_on_gravity(act: Act, given: Mapping[str, Any]) -> bool:
    """Whether a sentence has anything that the article has only for a grave case."""
    found = _known(act, given)
    only_grave = any(
        found.stages_of(one["kind"]) == ("grave",)
        for one in (given.get("measures", ()) if found else ())
        if found and one["kind"] not in FINES
    )
    return given.get("stage") == "grave" or only_grave


def _came_from(act: Act, *steps: str) -> bool:
    """Whether the case that this one was opened by took one of these steps."""
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    return origin is not None and any(step in origin.data for step in steps)


def _ordered(act: Act) -> Ordered:
    found = _named(act) or _of_the_lead(act)
    mine = act.session.execute(
        select(Case.number, Case.ended_at).where(
            Case.origin_id == act.case.id, Case.relation == "correction"
        )
    ).all()
    return Ordered(
        found.correct if found else True,
        bool(mine) or _came_from(act, "order_correction", "correct_on_the_spot"),
        tuple(number for number, ended in mine if ended is None),
    )


def _of_the_lead(act: Act) -> Violation | None:
    try:
        code = act.data["application"]["violation"].casefold()
        return act.rules.violation(code, act.day, act.region)[0]
    except Misconfigured:
        return None


def _class_due(act: Act) -> ClassDue:
    given, measures = _as_varied(act)
    violation = _known(act, given)
    days = {act.day, act.dates.get("decide", act.day)}
    due = [class_of(act, measures, violation, on) for on in days]
    return ClassDue(given.get("publicity", "minor"), max(due, key=list(LABELS).index))


def _publicity(act: Act) -> PublicityClass:
    given, measures = _as_varied(act)
    least = class_of(act, measures, _known(act, given), act.day)
    shown = to_be_shown(act, measures)
    said = given.get("publicity", "minor")
    return PublicityClass(said, least, bool(act.input.get("shown", shown)), shown)


def _as_varied(act: Act) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    """What stands of a sentence with this act, and its measures."""
    # A variation gives what it changes; the rest is as it was decided, or varied before.
    given: dict[str, Any] = {}
    for said in (act.data.get("decide", {}), *standing.variations(act.data), act.input):
        given |= {name: value for name, value in said.items() if value}
    return given, act.input.get("measures") or standing.in_force(act.data)


def _spot_limit(act: Act) -> SpotLimit:
    measures = act.input.get("measures", ())
    allowed = (MeasureKind.WARNING.value, MeasureKind.FINE.value)
    who = "person" if act.party.code_kind == "id" else "firm"
    most = act.rules.value("penalty.spot_most", act.day, act.region)[who]
    amount = total(measures, (*FINES, *CONFISCATIONS))
    return SpotLimit(
        tuple(one["kind"] for one in measures if one["kind"] not in allowed),
        f"{amount:.2f}",
        most,
        amount > Decimal(most),
        act.input.get("signing") != "拒绝签收",
        bool(str(act.input.get("refusal", "")).strip()),
    )


def _reported(act: Act) -> SpotReport:
    return SpotReport("report_penalty" in act.data)


def _details(act: Act) -> Details:
    return Details(
        tuple(
            str(one["kind"])
            for one in act.input.get("measures", ())
            if (detail := str(one.get("detail", "")).strip())
            and (one["kind"] in _WITHOUT_DETAIL or _speaks_of_more(one["kind"], detail))
        )
    )


def _goods_valued(act: Act) -> GoodsValued:
    return GoodsValued(len(unvalued_goods(act.input.get("measures", ()))))


def _speaks_of_more(kind: str, detail: str) -> bool:
    return any(word in detail and kind not in kinds for word, kinds in _SPOKEN_OF.items())


def _justice_paper(act: Act) -> JusticePaper:
    paper = str(act.input.get("paper", "")).strip()
    return JusticePaper(
        paper,
        registered(act, paper),
        day_of(act.input.get("on")) or act.day,
        act.dates.get("refer_crime", act.day),
        act.day,
    )


def _transfer_kind(act: Act) -> TransferKind:
    return TransferKind(act.input.get("kind") == Transferred.CRIME.value)


FACTS: FactTable = {
    JusticePaper: _justice_paper,
    TransferKind: _transfer_kind,
    BasisCited: _basis,
    Details: _details,
    GoodsValued: _goods_valued,
    GravityTold: _gravity,
    StageFound: _stage,
    Circumstances: _circumstances,
    ClassDue: _class_due,
    Culpability: _culpability,
    FilingDay: _filing_day,
    FineProposed: _fine,
    Ordered: _ordered,
    PartyEnd: _party_end,
    PublicityClass: _publicity,
    SpotLimit: _spot_limit,
    SpotReport: _reported,
    Violated: _violated,
}
