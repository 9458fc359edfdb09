"""Exemption from penalty (不予处罚): who handles it, what was corrected, which door it fits."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.dossier import dossier_of
from casework.acts.handed_in import handed_in
from casework.acts.party_kinds import is_person
from casework.acts.successions import lock_line
from casework.common.problems import Misconfigured
from casework.common.typed_inputs import Inputs
from casework.enforcement.offence_records import FormerCase, former_cases
from casework.kernel.facts import FactTable
from casework.models import Account, Case
from casework.parts.evidence.register import entered_since
from casework.parts.looks.collect import named_officers
from casework.rules.counting import count, count_back
from rulebook.discretion import stepped
from rulebook.models import Limit, Violation
from rulebook.money import yuan
from state_machines.enforcement.correction_order.forms import Order
from state_machines.enforcement.exemption.facts import (
    Age,
    Checklist,
    Correction,
    CorrectionDay,
    CorrectionTime,
    ExcludedKind,
    FaultProof,
    FormerRecord,
    Handling,
    HarmFound,
    InvestigationDone,
    Limitation,
    ListEntry,
    NamedHandlers,
    OtherGround,
    RecheckResults,
    Slightness,
    SpotRoute,
    WouldBeFine,
)
from state_machines.enforcement.exemption.forms import (
    CHECK_FIRST,
    CHECK_MINOR,
    CHECK_NO_FAULT,
    CHECK_OTHER,
    CORRECT_ON_THE_SPOT,
    FILE,
    FIND_NOT_CORRECTED,
    INVESTIGATE,
    ORDER_CORRECTION,
    RECHECK,
    CorrectionOrder,
    Filing,
    FirstChecklist,
    Lead,
    MinorChecklist,
    NoFaultChecklist,
    NotCorrected,
    OtherChecklist,
    Proposal,
    Recheck,
    ViolationNamed,
)
from state_machines.enforcement.penalty.forms import HAND_OVER, HandOver
from state_machines.language.step_names import StepName
from state_machines.language.vocabulary import Role

CHECKLISTS = (CHECK_MINOR, CHECK_FIRST, CHECK_NO_FAULT, CHECK_OTHER)
_FOUND = (INVESTIGATE, ORDER_CORRECTION, RECHECK, CORRECT_ON_THE_SPOT)
_NAMING: tuple[StepName[Filing | HandOver], ...] = (FILE, HAND_OVER)
HANDLING = (Role.CASE_HANDLER, Role.INSPECTOR)
_NAMED = "persons_of_accounts"  # what a session knows of them
_CHILD = 14
_NEGATED = re.compile(r"(没有|没|未曾|未|不曾|不|并非|非)(明确|明示|当场)?(表示)?拒[绝不]")
_REFUSES = re.compile(r"拒[绝不][^，。；、签收]{0,6}(改正|整改|纠正)")


def door_of(act: Act) -> str:
    """By which checklist the case goes: minor, first, no_fault or other; `""` if none holds."""
    latest = act.latest((*CHECKLISTS, *_FOUND))
    return (latest or "").removeprefix("check_") if latest in CHECKLISTS else ""


def violation_of(act: Act) -> Violation:
    """The violation as it was found last, else as the lead has it. Raises Misconfigured."""
    known = act.rules.known("violation", act.day, act.region)
    said = [
        violation_named.violation.casefold()
        for violation_named in act.inputs.saying(ViolationNamed)
    ]
    code = next((code for code in reversed(said) if code in known), said[0] if said else "")
    return act.rules.violation(code, act.day, act.region)[0]


def ordered_in(session: Session, case: Case) -> tuple[Case, int]:
    """The case that gave the order to correct which `case` is about, and the row of its log."""
    if case.process == "correction_order":
        return session.get_one(Case, case.origin_id), case.origin_seq or 0
    return case, dossier_of(session, case).row_of(ORDER_CORRECTION)


def refusal_recorded(session: Session, case: Case) -> bool:
    """Whether a record that the party refuses to correct (拒绝改正) was registered since the order
    which `case` is about."""
    return any(
        item.digest is not None and _REFUSES.search(_NEGATED.sub("", str(item.said["title"])))
        for item in entered_since(session, *ordered_in(session, case))
    )


def age_on(act: Act, day: date) -> int | None:
    """How old the party was on a day; None for what is no natural person."""
    born = _born_on(act.party.code) if act.party.code_kind == "id" else None
    if born is None:
        return None
    years = day.year - born.year
    return years if day >= _birthday(born, years) else years - 1


def same_kind_records(act: Act, *, let_off: bool = True) -> tuple[str, ...]:
    """What the party did before of the same kind, each as told (同类记录); without what it was
    `let_off` for, if that does not count."""
    return _former_record(act, let_off=let_off).same_kind


def _named_handlers(act: Act) -> NamedHandlers:
    number, uncertified = named_officers(act, act.filled(Filing).handlers, HANDLING)
    return NamedHandlers(number, uncertified)


def handlers_named(act: Act) -> tuple[str, ...]:
    """The accounts of those whom the filing, or the latest hand-over, named as handlers; of a case
    that names nobody, those of the one that was converted to it."""
    if named_by := act.before.latest(_NAMING):
        return tuple(act.inputs.needed(named_by).handlers)
    origin = act.session.get(Case, act.case.origin_id) if act.case.origin_id else None
    before = Inputs(origin.data).last(_NAMING) if origin else None
    return tuple(before.handlers) if before else ()


def handling_of(act: Act) -> Handling:
    """The acting officers whom nobody named for the case (处罚法42)."""
    names = handlers_named(act)
    if not names or act.execution.role not in HANDLING:
        return Handling(())
    assigned = persons_of(act.session, frozenset(names))
    return Handling(tuple(o.name for o in act.execution.officers if o.person_id not in assigned))


def persons_of(session: Session, names: frozenset[str]) -> frozenset[int]:
    """The persons of these accounts; a page asks for those of a case once for each of its steps."""
    known: dict[frozenset[str], frozenset[int]] = session.info.setdefault(_NAMED, {})
    if names not in known:
        persons = select(Account.person_id).where(Account.username.in_(names))
        known[names] = frozenset(session.scalars(persons))
    return known[names]


def limitation_of(act: Act) -> Limitation:
    """The days of the act of a lead, against the time in which it may be found (处罚法36)."""
    lead, limit = act.inputs.application(Lead), _time_to_find(act)
    last = count(limit, lead.act_on, (), act.rules.calendar).due or lead.found_on
    return Limitation(lead.act_on, lead.found_on, last, act.day, limit.text)


def last_day_of(act: Act, day: date) -> date:
    """The last day on which what was done on a day may be found; none ends it that cannot be
    counted."""
    return count(_time_to_find(act), day, (), act.rules.calendar).due or date.max


def _time_to_find(act: Act) -> Limit:
    """Two years, or five where life or health came to harm."""
    grave = violation_of(act).life_health and act.inputs.application(Lead).harmed
    key = "penalty.limitation_grave" if grave else "penalty.limitation"
    limit, _ = act.rules.limit(key, act.day, act.region)
    return limit


def _spot_route(act: Act) -> SpotRoute:
    return SpotRoute(bool(act.rules.value("exemption.on_the_spot", act.day, act.region)))


def _investigation_done(act: Act) -> InvestigationDone:
    return InvestigationDone(INVESTIGATE in act.inputs or CORRECT_ON_THE_SPOT in act.inputs)


def _correction_day(act: Act) -> CorrectionDay:
    limit, _ = act.rules.limit("exemption.correction", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    return CorrectionDay(act.filled(CorrectionOrder).until or act.day, act.day, latest)


def _recheck_results(act: Act) -> RecheckResults:
    order, recheck = _order(act), act.filled(Recheck)
    seen = {result.clause for result in recheck.results}
    return RecheckResults(
        tuple(result.clause for result in recheck.results if not result.met),
        tuple(item.clause for item in order.items if item.clause not in seen),
        recheck.corrected_on,
        act.dates.get(ORDER_CORRECTION)
        or (order.ordered_on if isinstance(order, Order) else None)
        or act.day,
        act.day,
    )


def _correction_time(act: Act) -> CorrectionTime:
    until = _order(act).until or act.day
    return CorrectionTime(until, act.day > until, act.filled(NotCorrected).refused)


def _order(act: Act) -> CorrectionOrder | Order:
    """What was ordered to be corrected: in this case, or by the one that opened it."""
    return act.inputs.at(ORDER_CORRECTION) or act.inputs.application(Order)


def _correction(act: Act) -> Correction:
    by = act.latest((RECHECK, FIND_NOT_CORRECTED, CORRECT_ON_THE_SPOT, ORDER_CORRECTION))
    until, seen = _order(act).until, act.inputs.at(RECHECK)
    in_time = bool(until and seen and seen.corrected_on and seen.corrected_on <= until)
    return Correction(
        by in (RECHECK, CORRECT_ON_THE_SPOT),
        by == CORRECT_ON_THE_SPOT or in_time,
        "correction_evidence" in handed_in(act),
    )


def _harm_found(act: Act) -> HarmFound:
    harm = act.filled(MinorChecklist).harm
    return HarmFound(harm.name.lower() if harm else "serious")


def _slightness(act: Act) -> Slightness:
    return Slightness(act.filled(MinorChecklist).slight)


def _former_record(act: Act, *, let_off: bool = True) -> FormerRecord:
    # Two cases of one party that are decided at once must see each other.
    if act.deciding:
        lock_line(act.session, act.case.party_id, act.day)
    rule = act.rules.value("exemption.first_offence", act.day, act.region)
    limit, _ = act.rules.limit("exemption.lookback", act.day, act.region)
    found_on = act.inputs.application(Lead).found_on
    since = count_back(limit, found_on, act.rules.calendar).due or found_on
    earlier = former_cases(act.session, act.case.party_id, act.day, besides=act.case.id)
    counted = [
        former_case
        for former_case in earlier
        if former_case.decided_on >= since
        and (not former_case.exemption or (let_off and rule["earlier_exemptions_count"]))
        and _same_kind(act, former_case, rule["same_kind"])
        and _in_area(act, former_case.region, rule["area"])
    ]
    return FormerRecord(
        tuple(
            f"{former_case.decided_on:%Y-%m-%d}{former_case.label}（{former_case.number}）"
            for former_case in counted
        ),
        since,
        limit.text,
        act.filled(FirstChecklist).recorded_elsewhere,
    )


def _same_kind(act: Act, former: FormerCase, kind: str) -> bool:
    now = violation_of(act)
    if kind == "code":
        return former.violation == now.key
    try:
        then, _ = act.rules.violation(former.violation, former.decided_on, act.region)
    except Misconfigured:
        return False
    return then.field == now.field


def _in_area(act: Act, region: str, area: str) -> bool:
    """Whether a record made in `region` counts here: its district, city or province is ours."""
    up = {"district": 0, "city": 1, "province": 2}.get(area)
    if up is None:
        return True
    ours = list(act.rules.chain(act.region))
    return ours[min(up, len(ours) - 1)] in act.rules.chain(region)


def excluded_kind(act: Act) -> str:
    """Why a first offence of the kind is not let off; empty if it may be."""
    violation = violation_of(act)
    fields = act.rules.value("exemption.excluded_fields", act.day, act.region)
    if violation.never_exempt:
        return f"案由{violation.code}“{violation.label}”已列为除外"
    if violation.field in fields:
        return f"{violation.field}领域已列为除外"
    return ""


def _list_entry(act: Act) -> ListEntry:
    key = act.filled(MinorChecklist).listed
    return ListEntry(key, wrong_entry(act, key, act.step.name.removeprefix("check_")))


def wrong_entry(act: Act, key: str, door: str) -> str:
    """What is wrong with relying on an entry of a list for a door; empty if nothing is relied on,
    or nothing wrong."""
    if not key:
        return ""
    if key not in act.rules.known("leniency", act.day, act.region):
        return "不在现行清单中"
    entry, _ = act.rules.leniency(key, act.day, act.region)
    if entry.kind != "no_penalty" or entry.door != door:
        return "不是这一类不予处罚事项"
    if violation_of(act).key not in entry.violations:
        return f"不适用于案由{violation_of(act).code}"
    return ""


def _fault_proof(act: Act) -> FaultProof:
    return FaultProof("no_fault_proof" in handed_in(act), act.filled(NoFaultChecklist).proved)


def _age(act: Act) -> Age:
    age = age_on(act, act.inputs.application(Lead).act_on)
    return Age(age is not None and age < _CHILD)


def _born_on(code: str) -> date | None:
    digits = code[6:14] if len(code) == 18 else f"19{code[6:12]}"
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _birthday(born: date, years: int) -> date:
    """The day on which somebody is so old; born on 29 February, on 1 March of other years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _other_ground(act: Act) -> OtherGround:
    limitation, other_checklist = limitation_of(act), act.filled(OtherChecklist)
    last = limitation.last_day
    if other_checklist.act_on:
        limit, _ = act.rules.limit("penalty.limitation", act.day, act.region)
        last = count(limit, other_checklist.act_on, (), act.rules.calendar).due or last
    return OtherGround(
        other_checklist.ground.name if other_checklist.ground else "",
        is_person(act.party),
        _age(act).under_fourteen,
        limitation.found_on > last,
        bool(other_checklist.guardian.strip()),
    )


def _checklist(act: Act) -> Checklist:
    return Checklist(door_of(act))


def _would_be_fine(act: Act) -> WouldBeFine:
    proposal = act.filled(Proposal)
    code = proposal.violation
    if code.casefold() not in act.rules.known("violation", act.day, act.region):
        return WouldBeFine(code, fits=False, range="")
    violation, _ = act.rules.violation(code.casefold(), act.day, act.region)
    shares = act.rules.value("penalty.discretion_shares", act.day, act.region)
    income, fine = yuan(proposal.illegal_income), yuan(proposal.would_be_fine)
    found = stepped(violation, proposal.stage, proposal.weight, shares, income)
    if found is None:
        return WouldBeFine("", fine == Decimal(0), "")
    return WouldBeFine("", found.holds(fine), found.text)


FACTS: FactTable = {
    Age: _age,
    Checklist: _checklist,
    Correction: _correction,
    CorrectionDay: _correction_day,
    CorrectionTime: _correction_time,
    ExcludedKind: lambda act: ExcludedKind(excluded_kind(act)),
    FaultProof: _fault_proof,
    FormerRecord: _former_record,
    Handling: handling_of,
    HarmFound: _harm_found,
    InvestigationDone: _investigation_done,
    Limitation: limitation_of,
    ListEntry: _list_entry,
    NamedHandlers: _named_handlers,
    OtherGround: _other_ground,
    RecheckResults: _recheck_results,
    Slightness: _slightness,
    SpotRoute: _spot_route,
    WouldBeFine: _would_be_fine,
}
