"""Exemption from penalty (不予处罚): who handles it, what was corrected, which door it fits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import day_of, handed_in
from casework.acts.successions import lock_line
from casework.common.problems import Misconfigured
from casework.enforcement.offence_records import FormerCase, former_cases
from casework.kernel.facts import FactTable
from casework.models import Account
from casework.parts.looks.collect import named_officers
from casework.rules.counting import count, count_back
from rulebook.discretion import stepped
from rulebook.models import Violation
from rulebook.money import yuan
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
from state_machines.enforcement.exemption.forms import Harm
from state_machines.enforcement.exemption.forms import OtherGround as Ground
from state_machines.language.vocabulary import Role

CHECKLISTS = ("check_minor", "check_first", "check_no_fault", "check_other")
_FOUND = ("investigate", "order_correction", "recheck", "correct_on_the_spot")
_HANDLING = (Role.CASE_HANDLER, Role.INSPECTOR)
_CHILD = 14


def door_of(act: Act) -> str:
    """By which checklist the case goes: minor, first, no_fault or other; `""` if none holds."""
    latest = act.latest((*CHECKLISTS, *_FOUND))
    return (latest or "").removeprefix("check_") if latest in CHECKLISTS else ""


def violation_of(act: Act) -> Violation:
    """The violation as it was found last, else as the lead has it. Raises Misconfigured."""
    known = act.rules.known("violation", act.day, act.region)
    said = [str(given.get("violation", "")).casefold() for given in act.data.values()]
    code = next((code for code in reversed(said) if code in known), said[0])
    return act.rules.violation(code, act.day, act.region)[0]


def age_on(act: Act, day: date) -> int | None:
    """How old the party was on a day; None for what is no natural person."""
    born = _born_on(act.party.code) if act.party.code_kind == "id" else None
    if born is None:
        return None
    years = day.year - born.year
    return years if day >= _birthday(born, years) else years - 1


def same_kind_records(act: Act) -> tuple[str, ...]:
    """What the party did before of the same kind, each as told (同类记录)."""
    return _former_record(act).same_kind


def _named_handlers(act: Act) -> NamedHandlers:
    number, uncertified = named_officers(act, act.input.get("handlers", ()), _HANDLING)
    return NamedHandlers(number, uncertified)


def _handling(act: Act) -> Handling:
    named_by = act.latest(("file", "hand_over"))
    names = act.data[named_by].get("handlers", ()) if named_by else ()
    if not names or act.hand.role not in _HANDLING:
        return Handling(())
    named = select(Account.person_id).where(Account.username.in_(names))
    assigned = set(act.session.scalars(named))
    return Handling(tuple(o.name for o in act.hand.officers if o.person_id not in assigned))


def _limitation(act: Act) -> Limitation:
    said = act.data["application"]
    act_on, found_on = date.fromisoformat(said["act_on"]), date.fromisoformat(said["found_on"])
    grave = violation_of(act).life_health and said["harmed"]
    key = "penalty.limitation_grave" if grave else "penalty.limitation"
    limit, _ = act.rules.limit(key, act.day, act.region)
    last = count(limit, act_on, (), act.rules.calendar).due or found_on
    return Limitation(act_on, found_on, last, act.day, limit.text)


def _spot_route(act: Act) -> SpotRoute:
    return SpotRoute(bool(act.rules.value("exemption.on_the_spot", act.day, act.region)))


def _investigation_done(act: Act) -> InvestigationDone:
    return InvestigationDone("investigate" in act.data or "correct_on_the_spot" in act.data)


def _correction_day(act: Act) -> CorrectionDay:
    limit, _ = act.rules.limit("exemption.correction", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    return CorrectionDay(day_of(act.input.get("until")) or act.day, act.day, latest)


def _recheck_results(act: Act) -> RecheckResults:
    ordered = [item["clause"] for item in _order(act).get("items", ())]
    results = act.input.get("results", ())
    seen = {result["clause"] for result in results}
    return RecheckResults(
        tuple(result["clause"] for result in results if not result["met"]),
        tuple(clause for clause in ordered if clause not in seen),
        day_of(act.input.get("corrected_on")),
        act.dates.get("order_correction") or day_of(_order(act).get("ordered_on")) or act.day,
        act.day,
    )


def _correction_time(act: Act) -> CorrectionTime:
    until = _until(act) or act.day
    return CorrectionTime(until, act.day > until, bool(act.input.get("refused")))


def _until(act: Act) -> date | None:
    return day_of(_order(act).get("until"))


def _order(act: Act) -> dict[str, Any]:
    """What was ordered to be corrected: in this case, or by the one that opened it."""
    found: dict[str, Any] = act.data.get("order_correction") or act.data["application"]
    return found


def _correction(act: Act) -> Correction:
    by = act.latest(("recheck", "find_not_corrected", "correct_on_the_spot", "order_correction"))
    until, on = _until(act), day_of(act.data.get("recheck", {}).get("corrected_on"))
    return Correction(
        by in ("recheck", "correct_on_the_spot"),
        by == "correct_on_the_spot" or (until is not None and on is not None and on <= until),
        "correction_evidence" in handed_in(act),
    )


def _harm_found(act: Act) -> HarmFound:
    said = act.input.get("harm")
    return HarmFound(Harm(said).name.lower() if said else "serious")


def _slightness(act: Act) -> Slightness:
    return Slightness(bool(act.input.get("slight")))


def _former_record(act: Act) -> FormerRecord:
    # Two cases of one party that are decided at once must see each other.
    if act.deciding:
        lock_line(act.session, act.case.party_id, act.day)
    rule = act.rules.value("exemption.first_offence", act.day, act.region)
    limit, _ = act.rules.limit("exemption.lookback", act.day, act.region)
    found_on = date.fromisoformat(act.data["application"]["found_on"])
    since = count_back(limit, found_on, act.rules.calendar).due or found_on
    earlier = former_cases(act.session, act.case.party_id, act.day, besides=act.case.id)
    counted = [
        one
        for one in earlier
        if one.decided_on >= since
        and (rule["earlier_exemptions_count"] or not one.exemption)
        and _same_kind(act, one, rule["same_kind"])
        and _in_area(act, one.region, rule["area"])
    ]
    return FormerRecord(
        tuple(f"{one.decided_on:%Y-%m-%d}{one.label}（{one.number}）" for one in counted),
        since,
        limit.text,
        bool(act.input.get("recorded_elsewhere")),
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


def _excluded_kind(act: Act) -> ExcludedKind:
    violation = violation_of(act)
    fields = act.rules.value("exemption.excluded_fields", act.day, act.region)
    if violation.never_exempt:
        return ExcludedKind(f"案由{violation.code}“{violation.label}”已列为除外")
    if violation.field in fields:
        return ExcludedKind(f"{violation.field}领域已列为除外")
    return ExcludedKind("")


def _list_entry(act: Act) -> ListEntry:
    key = act.input.get("listed", "")
    return ListEntry(key, _wrong_entry(act, key) if key else "")


def _wrong_entry(act: Act, key: str) -> str:
    if key not in act.rules.known("leniency", act.day, act.region):
        return "不在现行清单中"
    entry, _ = act.rules.leniency(key, act.day, act.region)
    if entry.kind != "no_penalty" or entry.door != act.step.name.removeprefix("check_"):
        return "不是这一类不予处罚事项"
    if violation_of(act).key not in entry.violations:
        return f"不适用于案由{violation_of(act).code}"
    return ""


def _fault_proof(act: Act) -> FaultProof:
    return FaultProof("no_fault_proof" in handed_in(act), bool(act.input.get("proved")))


def _age(act: Act) -> Age:
    age = age_on(act, date.fromisoformat(act.data["application"]["act_on"]))
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
    limitation, said = _limitation(act), act.input.get("ground")
    last = limitation.last_day
    if found := day_of(act.input.get("act_on")):
        limit, _ = act.rules.limit("penalty.limitation", act.day, act.region)
        last = count(limit, found, (), act.rules.calendar).due or last
    return OtherGround(
        Ground(said).name if said else "",
        act.party.code_kind == "id",
        _age(act).under_fourteen,
        limitation.found_on > last,
        bool(act.input.get("guardian", "").strip()),
    )


def _checklist(act: Act) -> Checklist:
    return Checklist(door_of(act))


def _would_be_fine(act: Act) -> WouldBeFine:
    given: dict[str, Any] = act.input
    code = given.get("violation", "")
    if code.casefold() not in act.rules.known("violation", act.day, act.region):
        return WouldBeFine(code, fits=False, range="")
    violation, _ = act.rules.violation(code.casefold(), act.day, act.region)
    shares = act.rules.value("penalty.discretion_shares", act.day, act.region)
    income, fine = yuan(given["illegal_income"]), yuan(given["would_be_fine"])
    found = stepped(violation, given["stage"], given["weight"], shares, income)
    if found is None:
        return WouldBeFine("", fine == Decimal(0), "")
    return WouldBeFine("", found.holds(fine), found.text)


FACTS: FactTable = {
    Age: _age,
    Checklist: _checklist,
    Correction: _correction,
    CorrectionDay: _correction_day,
    CorrectionTime: _correction_time,
    ExcludedKind: _excluded_kind,
    FaultProof: _fault_proof,
    FormerRecord: _former_record,
    Handling: _handling,
    HarmFound: _harm_found,
    InvestigationDone: _investigation_done,
    Limitation: _limitation,
    ListEntry: _list_entry,
    NamedHandlers: _named_handlers,
    OtherGround: _other_ground,
    RecheckResults: _recheck_results,
    Slightness: _slightness,
    SpotRoute: _spot_route,
    WouldBeFine: _would_be_fine,
}
