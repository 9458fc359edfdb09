"""What the forms of all enforcement cases choose from and begin with (执法案件预填)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.cases.prefilling import Aside, Desk
from api.html.form_fields import Guide, Option
from api.html.site import Visit, acting
from casework.common.problems import NotFound
from casework.common.typed_inputs import Inputs
from casework.credit.papers import CATEGORIES
from casework.enforcement.catalogue import violations as books
from casework.enforcement.catalogue.violations import ViolationView
from casework.reading import CaseView, officers_of
from rulebook.discretion import PENALTY_WEIGHTS, STAGES
from state_machines.enforcement.exemption.forms import ViolationNamed
from state_machines.language.vocabulary import Role


def labels(visit: Visit, session: Session, case: CaseView) -> dict[str, dict[str, str]]:
    """What the choices in the forms of an enforcement case are called, by field and value."""
    if "violation" not in case.data.get("application", {}):
        return {}
    violations = books.catalogue(visit.office, session, visit.reader).violations
    return {
        "handlers": {officer.value: officer.label for officer in officers(visit, session, case)},
        "violation": {one.code: f"{one.code} {one.label}" for one in violations},
        "stage": dict(STAGES.items()),
        "weight": dict(PENALTY_WEIGHTS),
        "publicity": dict(CATEGORIES),
        "documents": {document.key: document.title for document in case.documents},
    }


def officers(visit: Visit, session: Session, case: CaseView) -> list[Option]:
    """Who may handle the case."""
    known = [
        officer
        for role in (Role.CASE_HANDLER, Role.INSPECTOR)
        for officer in officers_of(visit.office, session, acting(visit), case.number, role)
    ]
    return [
        Option(officer.username, f"{officer.name}（执法证 {officer.certificate}）")
        for officer in known
    ]


def violation(desk: Desk, *steps: str) -> ViolationView | None:
    """The violation of the case, as the first of these steps that was taken has it, else as the
    lead has it."""
    said = next((given for step in steps if (given := desk.given(step))), None)
    code = (said or desk.given("application")).get("violation", "")
    try:
        return books.violation(desk.visit.office, desk.session, desk.visit.reader, code)
    except NotFound:
        return None


def offences(visit: Visit, session: Session) -> list[Option]:
    """The violations to choose from, with a word where an article is still to be checked."""
    violations = books.catalogue(visit.office, session, visit.reader).violations
    return [
        Option(one.code, f"{one.code} {one.label}{_doubt(one)}", one.field) for one in violations
    ]


def _doubt(one: ViolationView) -> str:
    return "" if one.checked else "（条文待核对）"


def asides(visit: Visit, session: Session, case: CaseView) -> list[Aside]:
    """What the catalogue says of the violation of a case, and what of it is not sure: for whoever
    handles, reviews, discusses or decides the case."""
    # What was found last counts, and what the lead says before anything was.
    named = Inputs(case.data).saying(ViolationNamed)
    code = named[-1].violation if named else ""
    try:
        found = books.violation(visit.office, session, visit.reader, code)
    except NotFound:
        return []
    rows = (
        ("违反条款", found.violated),
        ("处罚依据", found.law),
        ("责任主体", found.liable),
        ("对责任人员", found.persons),
        ("条文核对", found.edition.sureness),
        ("提示", found.note),
    )
    return [
        Aside(
            title=f"案由：{found.code} {found.label}",
            link=f"/violations/{found.code}",
            rows=tuple((term, told) for term, told in rows if told),
            urgent=not found.checked,
        )
    ]


def discretion(desk: Desk, weights: Mapping[str, str]) -> dict[str, Sequence[Option]]:
    """The choices by which a violation is judged."""
    return {
        "violation": offences(desk.visit, desk.session),
        "stage": [Option(key, label) for key, label in STAGES.items()],
        "weight": [Option(key, label) for key, label in weights.items()],
    }


def ranges(found: ViolationView | None) -> str:
    """The steps of discretion of a violation, as a note."""
    said = [
        f"{fine.label}{step.label}：{step.fine}"
        for fine in (found.fines if found else ())
        for step in fine.steps
    ]
    return f"裁量幅度——{'；'.join(said)}" if said else ""


def evidence_of(given: Mapping[str, Any]) -> str:
    """The evidence of an investigation in one line."""
    return "；".join(f"{one['item']}（{one['proves']}）" for one in given.get("evidence", ()))


def filing(desk: Desk) -> Guide:
    """报批立案."""
    found = violation(desk)
    return Guide(
        begin={
            "facts": desk.given("application").get("description", ""),
            "basis": found.law if found else "",
        },
        options={"handlers": officers(desk.visit, desk.session, desk.case)},
        hints={"handlers": "至少两名，执法证件均在有效期内"},
    )


def hand_over(desk: Desk) -> Guide:
    """移交承办."""
    return Guide(
        begin=desk.given("hand_over") or {"handlers": desk.given("file").get("handlers", [])},
        options={"handlers": officers(desk.visit, desk.session, desk.case)},
        hints={"handlers": "至少两名，执法证件均在有效期内"},
    )


def order(desk: Desk) -> Guide:
    """责令改正."""
    return Guide(
        begin={"facts": desk.given("investigate").get("facts", "")},
        hints={"until": "给当事人合理的改正时间；期限内改正的，可以依法从轻、减轻或者不予处罚"},
    )


def recheck(rows: Sequence[Mapping[str, Any]]) -> Guide:
    """复查 of what was ordered."""
    return Guide(
        begin={"results": [{"clause": row["clause"]} for row in rows]},
        fixed=frozenset({"results.*.clause"}),
    )
