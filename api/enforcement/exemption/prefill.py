"""What a handler need not type (预填) in a case of the first small offence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.cases.prefilling import Desk
from api.enforcement import prefill as shared
from api.html.form_fields import Guide, Option
from rulebook.discretion import WEIGHTS

_PROCESS = "first_offence_exemption"
_PAPERS = ("no_penalty_decision", "education_record", "compliance_pledge")


def _recheck(desk: Desk) -> Guide:
    return shared.recheck(desk.given("order_correction").get("items", ()))


def _minor(desk: Desk) -> Guide:
    return _checklist(desk, "minor")


def _first(desk: Desk) -> Guide:
    return _checklist(desk, "first")


def _checklist(desk: Desk, door: str) -> Guide:
    violation = shared.violation(desk, "propose_exemption")
    listed = (
        [leniency for leniency in violation.leniencies if leniency.door == door]
        if violation
        else []
    )
    note = "；".join(f"{one.label}：{'、'.join(one.conditions)}" for one in listed)
    return Guide(
        options={"listed": [Option(one.key, one.label) for one in listed]} if listed else {},
        left_out=frozenset() if listed else frozenset({"listed"}),
        hints={"searched": "例如 卫生监督信息系统、信用中国、国家企业信用信息公示系统"},
        note=f"清单事项的条件——{note}" if note else "该案由没有列入这一类清单，可以依法个案认定。",
    )


def _proposal(desk: Desk) -> Guide:
    violation = shared.violation(desk, "propose_exemption")
    looked = desk.given("investigate") or desk.given("correct_on_the_spot")
    begin: dict[str, Any] = {
        "violation": violation.code if violation else "",
        "facts": looked.get("facts", ""),
        "evidence": shared.evidence_of(looked),
        **desk.given("propose_exemption"),
    }
    return Guide(
        begin=begin,
        options=shared.discretion(desk, {str(k): v for k, v in WEIGHTS.items()}),
        hints={"would_be_fine": "假如处罚应当罚款的数额，须在裁量档的幅度内；没有罚款的填 0"},
        note=shared.ranges(violation),
    )


def _service(desk: Desk) -> Guide:
    papers = {
        document.key: document.title for document in desk.case.documents if document.key in _PAPERS
    }
    return Guide(
        begin={
            "recipient": desk.given("educate").get("taught", ""),
            "documents": list(papers),
        },
        options={"documents": [Option(key, label) for key, label in papers.items()]},
    )


STEPS: Mapping[str, Callable[[Desk], Guide]] = {
    f"{_PROCESS}.{step}": guide
    for step, guide in {
        "file": shared.filing,
        "order_correction": shared.order,
        "recheck": _recheck,
        "find_not_corrected": _recheck,
        "check_minor": _minor,
        "check_first": _first,
        "propose_exemption": _proposal,
        "serve": _service,
        "revisit": _recheck,
    }.items()
}
