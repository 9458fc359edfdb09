"""A penalty (行政处罚): the party, the violation and its range, what was ordered and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.party_kinds import is_person, may_die, may_dissolve, who
from casework.acts.proposals import dispensed, draft_of
from casework.acts.successions import current_of
from casework.common.problems import Misconfigured
from casework.common.typed_inputs import Inputs
from casework.enforcement.exemption.collect import (
    age_on,
    excluded_kind,
    limitation_of,
    same_kind_records,
)
from casework.enforcement.penalty.credit_class import LABELS, class_of, to_be_shown
from casework.enforcement.penalty.stages import corrected, correction_failed, gravity_of
from casework.kernel.facts import FactTable
from casework.models import Case, Party
from casework.parts.evidence.register import registered
from casework.parts.remedies import decision_in_force as standing
from rulebook.citations import Citation, beside_citations, citations, known_of
from rulebook.discretion import STAGES, Range, lawful, stepped
from rulebook.models import Violation
from rulebook.money import yuan
from state_machines.enforcement.exemption.forms import CORRECT_ON_THE_SPOT, ORDER_CORRECTION
from state_machines.enforcement.fines.forms import ExecutionEnd, ExecutionEndGround
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
    PartyEndProof,
    PublicityClass,
    ReleaseFound,
    SpotLimit,
    SpotReport,
    StageFound,
    TransferKind,
    Violated,
)
from state_machines.enforcement.penalty.forms import (
    DECIDE,
    NOTIFY,
    OTHERWISE,
    REFER_CRIME,
    Aggravation,
    Decision,
    Lead,
    Release,
    ReleaseArticle,
    Returned,
    Sentence,
    Sentencing,
    Transfer,
)
from state_machines.enforcement.penalty.forms import TransferKind as Transferred
from state_machines.enforcement.simple_penalty.forms import PUNISH, REPORT_PENALTY, SpotSentence
from state_machines.language.fields import Form
from state_machines.language.step_names import StepName
from state_machines.parts.approvals.measures import (
    CONFISCATIONS,
    FINES,
    MeasureKind,
    money,
    total,
    unvalued_goods,
)

_REDUCED: Final = "reduced"
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
_GONE = ("注销", "死亡", "解散", "破产", "终止", "宣告")
_GAIN = MeasureKind.CONFISCATE_GAIN.value
_OF_MONEY = (*FINES, _GAIN)


def _filing_day(act: Act) -> FilingDay:
    return FilingDay(act.inputs.application(Lead).filed_on, act.day)


def _culpability(act: Act) -> Culpability:
    age, sentence = age_on(act, act.inputs.application(Lead).act_on), act.filled(Sentencing)
    # Whoever goes on under another code is not gone (《民法典》第六十七条).
    gone = act.party.dissolved_on
    goes_on = gone and current_of(act.session, act.case.party_id, act.day) != act.case.party_id
    return Culpability(
        under_fourteen=age is not None and age < 14,
        under_eighteen=age is not None and age < 18,
        incapable=sentence.incapable,
        lighter=sentence.weight in ("lighter", _REDUCED),
        gone_on=gone if gone and gone <= act.day and not goes_on else None,
    )


def _party_end(act: Act) -> PartyEnd:
    return PartyEnd(
        # 终止 has a ground of its own list, in a field of the same name.
        _ENDS.get(act.filled(ExecutionEnd).ground, ""),
        may_die=may_die(act.party),
        may_dissolve=may_dissolve(act.party),
    )


def _party_end_proof(act: Act) -> PartyEndProof:
    now = current_of(act.session, act.case.party_id, act.day)
    successor = act.session.get_one(Party, now).name if now != act.case.party_id else ""
    said = act.filled(ExecutionEnd).evidence
    # No record of the act proves that its party is gone.
    return PartyEndProof(registered(act, said, _GONE), successor)


def _release(act: Act) -> ReleaseFound:
    release = act.filled(Release)
    limitation = limitation_of(act)
    age = age_on(act, act.inputs.application(Lead).act_on)
    first = release.article is ReleaseArticle.FIRST
    return ReleaseFound(
        other=release.ground == OTHERWISE,
        article=release.article.name if release.article else "",
        under_fourteen=age is not None and age < 14,
        natural_person=is_person(act.party),
        former=same_kind_records(act) if first else (),
        excluded=excluded_kind(act) if first else "",
        corrected=first and corrected(act),
        time_barred=limitation.found_on > limitation.last_day,
        registered=registered(act, release.facts),
    )


def _named(act: Act) -> Violation | None:
    """The violation that the sentence names, or None if there is none of that code."""
    return _known(act, act.filled(Sentencing).violation)


def _known(act: Act, named: str) -> Violation | None:
    """The violation of that code in force on the act's day; None if there is none."""
    code = named.casefold()
    if code not in act.rules.known("violation", act.day, act.region):
        return None
    return act.rules.violation(code, act.day, act.region)[0]


def _violated(act: Act) -> Violated:
    sentence, violation = act.filled(Sentence), _named(act)
    proposed = tuple(measure.kind for measure in sentence.measures)
    if violation is None:
        return Violated(sentence.violation, "", (), proposed)
    return Violated("", violation.label, _kinds_of(act, violation), proposed)


def _kinds_of(act: Act, found: Violation) -> tuple[str, ...]:
    """The kinds of penalty that the article has, and what 处罚法28 takes whatever it says."""
    kinds: tuple[str, ...] = found.penalties
    gains = act.rules.value("penalty.gains_confiscated", act.day, act.region)
    return kinds if not gains or _GAIN in kinds else (*kinds, _GAIN)


def step_of(act: Act, said: Sentence) -> Range | None:
    """The step of discretion (裁量档) that a sentence names, None if that has no fine."""
    violation, weight, stage = _known(act, said.violation), said.weight, said.stage
    if not violation or not stage or weight == _REDUCED:
        return None
    income = yuan(said.illegal_income) if said.illegal_income else Decimal(0)
    shares = act.rules.value("penalty.discretion_shares", act.day, act.region)
    return stepped(violation, stage, weight, shares, income)


def _fine(act: Act) -> FineProposed:
    sentence, violation = act.filled(Sentence), _named(act)
    amount = total(sentence.measures, FINES)
    income = yuan(sentence.illegal_income) if sentence.illegal_income else Decimal(0)
    weight, stage = sentence.weight, sentence.stage
    whole = lawful(violation, stage, income) if violation and stage else None
    step = step_of(act, sentence)
    return FineProposed(
        fines=sum(measure.kind in FINES for measure in sentence.measures),
        amount=f"{amount:.2f}",
        weight=weight,
        lawful=whole.text if whole else "",
        in_law=bool(whole and whole.holds(amount)),
        below_law=bool(whole and Decimal(0) < amount < whole.least),
        step=step.text if step else "",
        in_step=bool(step and step.holds(amount)),
        departure=bool(sentence.departure.strip()),
        unsummed=tuple(
            measure.kind
            for measure in sentence.measures
            if measure.kind in _OF_MONEY and not money(measure.amount)
        ),
    )


def _circumstances(act: Act) -> Circumstances:
    sentencing = act.filled(Sentencing)
    repeated = Aggravation.REPEATED in sentencing.aggravations
    failed = Aggravation.UNCORRECTED in sentencing.aggravations
    return Circumstances(
        weight=sentencing.weight,
        heavier=tuple(sentencing.aggravations),
        lighter=tuple(sentencing.mitigations),
        repeated=repeated,
        # Whoever was let off was not punished: it repeats nothing that it was punished for.
        former=same_kind_records(act, let_off=False) if repeated else (),
        failed=failed,
        uncorrected=failed and not correction_failed(act),
        told=bool(sentencing.circumstances.strip()),
    )


def _stage(act: Act) -> StageFound:
    sentence, violation = act.filled(Sentence), _named(act)
    stage = sentence.stage
    kinds = {measure.kind.value for measure in sentence.measures}
    stages_of = {kind: violation.stages_of(kind) for kind in sorted(kinds)} if violation else {}
    not_so = correction_failed(act)
    reached = {
        "at_once",
        *(() if not_so else ("uncorrected",)),
        *(("grave",) if gravity_of(sentence) else ()),
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
        spot=act.step.name == PUNISH,
        milder=stage == "at_once" and not not_so and "uncorrected" in stages_of.get("罚款", ()),
        reasons=bool(sentence.departure.strip()),
        early=early,
    )


def _basis(act: Act) -> BasisCited:
    said, violation = act.filled(Sentence).basis, _named(act)
    if violation is None:
        return BasisCited((), (), "", ())
    cited = citations(said)
    # What every penalty may cite, by its place in the law.
    general = known_of(act.rules.value("penalty.general_articles", act.day, act.region))
    punishing = known_of([violation.law])
    known = (*punishing, *known_of([violation.violated]), *general)
    return BasisCited(
        missing=tuple(
            citation.text
            for citation in punishing
            if not any(_is_at(mine, citation) for mine in cited)
        ),
        strange=tuple(
            mine.text for mine in cited if not any(_is_at(mine, citation) for citation in known)
        ),
        free=beside_citations(said),
        known=tuple(citation.text for citation in (*punishing, *known_of([violation.violated]))),
    )


def _is_at(mine: Citation, known: Citation) -> bool:
    """Whether a citation names a concrete article, that of the catalogue; of a law whose articles
    the catalogue does not know, any."""
    return bool(mine.article) and mine.is_within(known)


def _gravity(act: Act) -> GravityTold:
    told, sentence = act.inputs.at(NOTIFY), act.filled(Sentence)
    if "measures" not in sentence.model_fields_set:
        sentence = draft_of(act, Sentence) or sentence
    return GravityTold(
        relied_on=_rests_on_gravity(act, sentence),
        told=bool(told and gravity_of(told)) and _rests_on_gravity(act, told or sentence),
        discussed=not dispensed(act, "panel"),
    )


def _rests_on_gravity(act: Act, said: Sentence) -> bool:
    """Whether a sentence has anything that the article has only for a grave case."""
    violation = _known(act, said.violation)
    only_grave = violation is not None and any(
        violation.stages_of(measure.kind) == ("grave",)
        for measure in said.measures
        if measure.kind not in FINES
    )
    return said.stage == "grave" or only_grave


def _came_from(act: Act, *steps: StepName[Form]) -> bool:
    """Whether the case that this one was opened by took one of these steps."""
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    taken = Inputs(origin.data) if origin else Inputs({})
    return any(step in taken for step in steps)


def _ordered(act: Act) -> Ordered:
    violation = _named(act) or _of_the_lead(act)
    mine = act.session.execute(
        select(Case.number, Case.ended_at).where(
            Case.origin_id == act.case.id, Case.relation == "correction"
        )
    ).all()
    return Ordered(
        violation.correct if violation else True,
        bool(mine) or _came_from(act, ORDER_CORRECTION, CORRECT_ON_THE_SPOT),
        tuple(number for number, ended in mine if ended is None),
    )


def _of_the_lead(act: Act) -> Violation | None:
    try:
        code = act.inputs.application(Lead).violation.casefold()
        return act.rules.violation(code, act.day, act.region)[0]
    except Misconfigured:
        return None


def _class_due(act: Act) -> ClassDue:
    stands = _as_varied(act)
    days = {act.day, act.dates.get(DECIDE, act.day)}
    due = [class_of(act, stands.measures, stands.violation, on) for on in days]
    return ClassDue(stands.publicity, max(due, key=list(LABELS).index))


def _publicity(act: Act) -> PublicityClass:
    stands, decision = _as_varied(act), act.filled(Decision)
    least = class_of(act, stands.measures, stands.violation, act.day)
    shown = to_be_shown(act, stands.measures, act.day)
    says_so = decision.shown if "shown" in decision.model_fields_set else shown
    return PublicityClass(stands.publicity, least, says_so, shown)


@dataclass(frozen=True)
class _AsVaried:
    """What stands of a sentence with the act in hand."""

    violation: Violation | None
    publicity: str
    measures: standing.Measures


def _as_varied(act: Act) -> _AsVaried:
    # A variation gives what it changes; the rest is as it was decided, or varied before.
    decision, decided = act.filled(Decision), act.inputs.at(DECIDE)
    return _AsVaried(
        _known(act, decision.violation or (decided.violation if decided else "")),
        decision.publicity or standing.class_in_force(act.inputs) or "minor",
        tuple(decision.measures) or standing.in_force(act.inputs),
    )


def _spot_limit(act: Act) -> SpotLimit:
    spot_sentence = act.filled(SpotSentence)
    allowed = (MeasureKind.WARNING.value, MeasureKind.FINE.value)
    most = act.rules.value("penalty.spot_most", act.day, act.region)[
        who(act.rules, act.party, act.day, act.region)
    ]
    amount = total(spot_sentence.measures, (*FINES, *CONFISCATIONS))
    return SpotLimit(
        tuple(measure.kind for measure in spot_sentence.measures if measure.kind not in allowed),
        f"{amount:.2f}",
        most,
        amount > Decimal(most),
        spot_sentence.signing != "拒绝签收",
        bool(spot_sentence.refusal.strip()),
    )


def _reported(act: Act) -> SpotReport:
    return SpotReport(REPORT_PENALTY in act.inputs)


def _details(act: Act) -> Details:
    return Details(
        tuple(
            measure.kind.value
            for measure in act.filled(Sentence).measures
            if (detail := measure.detail.strip())
            and (measure.kind in _WITHOUT_DETAIL or _speaks_of_more(measure.kind, detail))
        )
    )


def _goods_valued(act: Act) -> GoodsValued:
    return GoodsValued(len(unvalued_goods(act.filled(Sentence).measures)))


def _speaks_of_more(kind: MeasureKind, detail: str) -> bool:
    return any(word in detail and kind not in kinds for word, kinds in _SPOKEN_OF.items())


def _justice_paper(act: Act) -> JusticePaper:
    returned = act.filled(Returned)
    paper = returned.paper.strip()
    return JusticePaper(
        paper,
        registered(act, paper),
        returned.on or act.day,
        act.dates.get(REFER_CRIME, act.day),
        act.day,
    )


def _transfer_kind(act: Act) -> TransferKind:
    return TransferKind(act.filled(Transfer).kind == Transferred.CRIME)


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
    PartyEndProof: _party_end_proof,
    PublicityClass: _publicity,
    ReleaseFound: _release,
    SpotLimit: _spot_limit,
    SpotReport: _reported,
    Violated: _violated,
}
