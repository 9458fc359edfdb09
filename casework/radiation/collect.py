"""The joint matter of radiation (一件事)."""

from __future__ import annotations

from collections.abc import Iterator

from casework.acts.act import Act
from casework.acts.handed_in import handed_in_since, labels
from casework.kernel.facts import FactTable
from casework.rules.counting import count
from state_machines.licensing.licence.forms import KEEP_OPEN, REQUEST_CLOSURE
from state_machines.parts.intake.forms import SupplementList
from state_machines.radiation.examination import ITEMS
from state_machines.radiation.facts import (
    ClosureAsked,
    Decisions,
    DepartmentAsks,
    DepartmentLists,
    EquipmentScope,
    Holding,
    ItemReview,
    Reviews,
)
from state_machines.radiation.one_matter.forms import (
    CHECK_ECO,
    CHECK_HEALTH,
    Application,
    HeldUntil,
)


def _equipment_scope(act: Act) -> EquipmentScope:
    uses = act.rules.value("one_matter.uses", act.day, act.region)
    classes = act.rules.value("one_matter.device_classes", act.day, act.region)
    levels = act.rules.value("radiation.competence", act.day, act.region)
    outside = []
    for n, one in enumerate(act.inputs.application(Application).equipment, 1):
        name = f"第{n}台“{one.name}”"
        if one.use not in uses:
            outside.append(f"{name}用于{one.use}，由{levels[one.use]}卫生健康主管部门许可")
        elif one.device_class not in classes:
            outside.append(f"{name}属于{one.device_class}，应当单独申请辐射安全许可")
    return EquipmentScope(tuple(outside))


def _asked_by_departments(act: Act) -> Iterator[tuple[str, str]]:
    """The materials that each department asked for, with the step by which it did."""
    for step in (CHECK_HEALTH, CHECK_ECO):
        if looked := act.inputs.at(step):
            for item in looked.items:
                yield step, item.material


def _department_lists(act: Act) -> DepartmentLists:
    listed = {item.material for item in act.filled(SupplementList).items}
    return DepartmentLists(
        tuple(
            labels(act).get(material, material)
            for _, material in _asked_by_departments(act)
            if material not in listed
        )
    )


def _department_asks(act: Act) -> DepartmentAsks:
    taken = {header["name"]: header for header in act.dossier.headers if header["kind"] == "step"}
    return DepartmentAsks(
        tuple(
            labels(act).get(material, material)
            for step, material in _asked_by_departments(act)
            if material not in handed_in_since(act, taken[step])
        )
    )


def _has_passed(act: Act, item: str) -> bool:
    return act.latest((f"pass_{item}", f"fail_{item}")) == f"pass_{item}"


def _reviews(act: Act) -> Reviews:
    return Reviews(tuple(item.label for item in ITEMS if not _has_passed(act, item.name)))


def _item_review(act: Act) -> ItemReview:
    # What goes on alone may have passed in the joint matter: then its state says so.
    passed = act.case.state == "passed" or _has_passed(act, act.step.name.rpartition("_")[2])
    return ItemReview(passed)


def _decisions(act: Act) -> Decisions:
    granted = sum(f"decide_{item.name}" in act.inputs for item in ITEMS)
    return Decisions(granted, sum(f"refuse_{item.name}" in act.inputs for item in ITEMS))


def _closure_asked(act: Act) -> ClosureAsked:
    return ClosureAsked(act.latest((REQUEST_CLOSURE, KEEP_OPEN)) == REQUEST_CLOSURE)


def _holding(act: Act) -> Holding:
    rule = act.rules.value("one_matter.after_partial_refusal", act.day, act.region)
    limit, _ = act.rules.limit("one_matter.hold", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    until = act.filled(HeldUntil).until or act.day
    return Holding(rule == "wait_by_request", until, act.day, latest)


FACTS: FactTable = {
    ClosureAsked: _closure_asked,
    Decisions: _decisions,
    DepartmentAsks: _department_asks,
    DepartmentLists: _department_lists,
    EquipmentScope: _equipment_scope,
    Holding: _holding,
    ItemReview: _item_review,
    Reviews: _reviews,
}
