"""What a handler need not type (预填) in a case of the first small offence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from api.pages.forms import Guide, Option
from api.pages.site import Visit, acting
from casework import catalogue as books
from casework.catalogue import ViolationView
from casework.problems import NotFound
from casework.reading import CaseView, officers_of
from rulebook.discretion import STAGES, WEIGHTS
from state_machines.vocabulary import Role

if TYPE_CHECKING:
    from api.pages.prefill import Desk

_PROCESS = "first_offence_exemption"
_PAPERS = {
    "no_penalty_decision": "不予行政处罚决定书",
    "education_record": "教育记录",
    "compliance_pledge": "守法承诺书",
}


def labels(visit: Visit, session: Session, case: CaseView) -> dict[str, dict[str, str]]:
    """What the choices in the forms of such a case are called, by field and value."""
    if case.process != _PROCESS:
        return {}
    found = {one.value: one.label for one in _officers(visit, session, case)}
    known = books.catalogue(visit.office, session, visit.reader).violations
    return {
        "handlers": found,
        "violation": {one.code: f"{one.code} {one.label}" for one in known},
        "stage": dict(STAGES.items()),
        "weight": dict(WEIGHTS.items()),
        "documents": _PAPERS,
    }


def _officers(visit: Visit, session: Session, case: CaseView) -> list[Option]:
    known = [
        one
        for role in (Role.CASE_HANDLER, Role.INSPECTOR)
        for one in officers_of(visit.office, session, acting(visit), case.number, role)
    ]
    return [Option(one.username, f"{one.name}（执法证 {one.certificate}）") for one in known]


def _filing(desk: Desk) -> Guide:
    found = _violation(desk)
    return Guide(
        begin={
            "facts": desk.given("application").get("description", ""),
            "basis": found.law if found else "",
        },
        options={"handlers": _officers(desk.visit, desk.session, desk.case)},
        hints={"handlers": "至少两名，执法证件均在有效期内"},
    )


def _order(desk: Desk) -> Guide:
    return Guide(
        begin={"facts": desk.given("investigate").get("facts", "")},
        hints={"until": "给当事人合理的改正时间；期限内改正的，可以依法不予处罚"},
    )


def _recheck(desk: Desk) -> Guide:
    rows = [{"clause": item["clause"]} for item in desk.given("order_correction").get("items", ())]
    return Guide(begin={"results": rows}, fixed=frozenset({"results.*.clause"}))


def _minor(desk: Desk) -> Guide:
    return _checklist(desk, "minor")


def _first(desk: Desk) -> Guide:
    return _checklist(desk, "first")


def _checklist(desk: Desk, door: str) -> Guide:
    found = _violation(desk)
    listed = [one for one in found.leniencies if one.door == door] if found else []
    note = "；".join(f"{one.label}：{'、'.join(one.conditions)}" for one in listed)
    return Guide(
        options={"listed": [Option(one.key, one.label) for one in listed]} if listed else {},
        left_out=frozenset() if listed else frozenset({"listed"}),
        hints={"searched": "例如 卫生监督信息系统、信用中国、国家企业信用信息公示系统"},
        note=f"清单事项的条件——{note}" if note else "该案由没有列入这一类清单，可以依法个案认定。",
    )


def _proposal(desk: Desk) -> Guide:
    found = _violation(desk)
    looked = desk.given("investigate") or desk.given("correct_on_the_spot")
    ranges = (
        [f"{fine.label}{step.label}：{step.fine}" for fine in found.fines for step in fine.steps]
        if found
        else []
    )
    known = books.catalogue(desk.visit.office, desk.session, desk.visit.reader).violations
    begin: dict[str, Any] = {
        "violation": found.code if found else "",
        "facts": looked.get("facts", ""),
        "evidence": "；".join(f"{e['item']}（{e['proves']}）" for e in looked.get("evidence", ())),
        **desk.given("propose_exemption"),
    }
    return Guide(
        begin=begin,
        options={
            "violation": [Option(one.code, f"{one.code} {one.label}", one.field) for one in known],
            "stage": [Option(key, label) for key, label in STAGES.items()],
            "weight": [Option(key, label) for key, label in WEIGHTS.items()],
        },
        hints={"would_be_fine": "假如处罚应当罚款的数额，须在裁量档的幅度内；没有罚款的填 0"},
        note=f"裁量幅度——{'；'.join(ranges)}" if ranges else "",
    )


def _service(desk: Desk) -> Guide:
    issued = {document.key for document in desk.case.documents}
    papers = {key: label for key, label in _PAPERS.items() if key in issued}
    return Guide(
        begin={
            "recipient": desk.given("educate").get("taught", ""),
            "documents": list(papers),
        },
        options={"documents": [Option(key, label) for key, label in papers.items()]},
    )


def _violation(desk: Desk) -> ViolationView | None:
    said = desk.given("propose_exemption") or desk.given("application")
    try:
        return books.violation(
            desk.visit.office, desk.session, desk.visit.reader, said.get("violation", "")
        )
    except NotFound:
        return None


STEPS: Mapping[str, Callable[[Desk], Guide]] = {
    f"{_PROCESS}.{step}": guide
    for step, guide in {
        "file": _filing,
        "order_correction": _order,
        "recheck": _recheck,
        "find_not_corrected": _recheck,
        "check_minor": _minor,
        "check_first": _first,
        "propose_exemption": _proposal,
        "serve": _service,
        "revisit": _recheck,
    }.items()
}
