"""Finding the right matter (办什么): what a kind of place needs, where, and how to keep to it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework.common.problems import Misconfigured, NotFound
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.rules.rule_cache import Rules
from rulebook.models import Condition, Material, PlaceKind
from state_machines.licensing.treatments import PLACE_PROCESSES

_NEEDS = {
    "licence": "需要取得公共场所卫生许可",
    "filing": "不需要许可，营业后办理卫生备案",
    "other": "不在卫生健康部门办理",
    "none": "不需要许可，也不需要备案",
}
_WITHIN = {"licence": "licensing.decision", "filing": "filing.record"}
_GUIDANCE = "public_place_hygiene"


@dataclass(frozen=True)
class Need:
    """What a kind of place needs. `process` begins it, none if it is not begun here; `within` is
    the length of the limit that the law sets; `instead` says where else to go."""

    key: str
    label: str
    group: str
    aliases: tuple[str, ...]
    treatment: str
    needs: str
    law: str
    note: str
    instead: str
    process: str | None
    within: str
    materials: tuple[Material, ...]


@dataclass(frozen=True)
class Guidance:
    """The guidance list (合规指导清单) of one kind of place."""

    need: Need
    title: str
    items: tuple[Condition, ...]


def needs(office: Office, session: Session, q: str = "") -> tuple[Need, ...]:
    """What each kind of place needs today, in the rulebook's order; with `q` those whose name, or
    what people call them, holds what was typed."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    wanted = q.strip()
    return tuple(
        _need(office, session, rules, kind)
        for kind in rules.place_kinds(today, "")
        if not wanted or any(wanted in name or name in wanted for name in _names(kind))
    )


def guidance(office: Office, session: Session, key: str) -> Guidance:
    """The guidance list of a kind of place. Raises NotFound."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    try:
        kind = rules.place_kind(key, today, "")
    except Misconfigured:
        raise NotFound("没有这种场所，请从目录中选择") from None
    listed = rules.guidance(_GUIDANCE, today, "")
    here = kind.treatment in PLACE_PROCESSES
    items = (
        item for item in listed.items if here and (not item.applies_to or key in item.applies_to)
    )
    return Guidance(_need(office, session, rules, kind), listed.label, tuple(items))


def _names(kind: PlaceKind) -> tuple[str, ...]:
    return (kind.label, *kind.aliases)


def _need(office: Office, session: Session, rules: Rules, kind: PlaceKind) -> Need:
    today = legal_date(office.time.now())
    process = PLACE_PROCESSES.get(kind.treatment)
    materials: tuple[Material, ...] = ()
    within = ""
    if process:
        declared, _ = office.versions.in_force(session, process, today)
        listed = rules.materials(declared.materials or "", today, "")
        materials = tuple(item for item in listed.items if item.asked)
        within = rules.limit(_WITHIN[kind.treatment], today, "")[0].text
    return Need(
        key=kind.key,
        label=kind.label,
        group=kind.group,
        aliases=kind.aliases,
        treatment=kind.treatment,
        needs=_NEEDS[kind.treatment],
        law=kind.law,
        note=kind.note,
        instead=kind.instead,
        process=process,
        within=within,
        materials=materials,
    )
