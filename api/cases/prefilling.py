"""What a clerk need not type (预填): what forms begin with, choose from and are told beside.

The `prefill.py` of a topic says it for its steps (`STEPS`, by `step` or `process.step`), for steps
with some effect (`EFFECTS`), what choices are called (`labels`) and what officers should know
beside any step of a case (`asides`). The processes know nothing of it: the form of a step that
nobody names is as its schema says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.html.form_fields import Guide, Option
from api.html.site import Visit, acting
from casework.common.problems import Misconfigured
from casework.models import Authority, Party
from casework.people.mandates import MandateView, mandates_of
from casework.reading import (
    CaseLine,
    CaseView,
    FilingChoices,
    case_view,
    filing_choices,
    officers_of,
)
from rulebook.models import PlaceKind
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Effect, Process, Role

_INSTEAD = {
    "filing": "只需备案，不需要办理",
    "other": "由其他许可涵盖，不需要办理",
    "none": "不需要办理",
}
# What an application asks for and a business licence says, by the column of its firm.
_ON_LICENCE = {
    "place_name": "name",
    "address": "address",
    "representative": "representative",
    "contact_phone": "phone",
}
_BEGIN: Mapping[str, Mapping[str, Any]] = {
    "one_matter": {
        "equipment": [{"use": "X射线影像诊断", "device_class": "Ⅲ类射线装置"}],
    }
}


@dataclass(frozen=True)
class Desk:
    """What a prefiller may look at."""

    visit: Visit
    session: Session
    case: CaseView

    def given(self, step: str) -> Mapping[str, Any]:
        """What was last filled in at a step, nothing if it was not taken or is not ours to see."""
        found: Mapping[str, Any] = self.case.data.get(step, {})
        return found

    def application_of(self, related: CaseLine) -> Mapping[str, Any]:
        """What the application of a related case says."""
        office, actor = self.visit.office, acting(self.visit)
        case = case_view(office, self.session, actor, related.number)
        return dict(case.data.get("application", {}))

    @property
    def broken(self) -> list[Mapping[str, Any]]:
        """The clauses that the latest look found broken."""
        look = self.given("recheck") or self.given("inspect")
        return [result for result in look.get("results", ()) if not result["met"]]


def at_the_counter(desk: Desk) -> str:
    """Who is most likely there for the party: the only one who acts for it, else who heads it."""
    mandates = mandates_of(
        desk.visit.office, desk.session, acting(desk.visit), desk.case.party.code
    )
    present = [mandate.name for mandate in mandates if mandate.holds]
    return present[0] if len(present) == 1 else desk.case.party.representative


Prefiller = Callable[[Desk], Guide]


@dataclass(frozen=True)
class Aside:
    """What officers should know of a case whatever they do in it, and no document says.

    `rows` are terms with what is said of them; `urgent` ones are shown unasked.
    """

    title: str
    link: str
    rows: tuple[tuple[str, str], ...]
    urgent: bool


def for_application(
    visit: Visit, session: Session, process: Process, present: MandateView | None = None
) -> Guide:
    """How the application form of a process begins, and what it chooses from; at the counter, for
    whoever is `present`."""
    choices = filing_choices(visit.office, session, process)
    kinds = [Option(kind.key, _kind_label(kind), kind.group) for kind in choices.place_kinds]
    return Guide(
        begin={
            **(
                _of_a_walk_in(visit, session, present)
                if present
                else _of_the_party(visit, session, choices)
            ),
            **_BEGIN.get(process.key, {}),
        },
        options={
            "region": [Option(r.code, f"{r.label}（{r.authority}）") for r in choices.regions],
            "place_kind": kinds,
        },
        hints={
            "place_name": "与营业执照一致",
            "place_kind": "标明“不需要办理”的项目请勿申请",
            "region": "由经营场所所在区的机关受理",
            "address": "写到门牌号；一处场所只能有一份许可",
            "area_m2": "例如 860.5",
            "institution_kind": "例如 口腔门诊部、综合医院",
            "verify_by": "见医疗机构执业许可证副本",
            "equipment": "每台设备填写一行",
        },
    )


def _of_the_party(visit: Visit, session: Session, choices: FilingChoices) -> dict[str, str]:
    """What is known of the party, if the visitor acts for one only or has said for which, and what
    was answered on the way to the form. The place is mostly where the firm is."""
    mine = visit.reader.parties if visit.reader else frozenset()
    said = visit.posted.text("_party") or visit.asked("party")
    if len(mine) == 1:
        party = session.get_one(Party, next(iter(mine)))
    elif found := said and session.scalar(
        select(Party).where(Party.id.in_(mine), Party.code == said)
    ):
        party = found
    else:
        return {}
    kinds = {kind.key for kind in choices.place_kinds}
    regions = [r.code for r in choices.regions if r.label[-3:] in party.address]
    return {
        **{name: getattr(party, column) for name, column in _ON_LICENCE.items()},
        "contact_name": acting(visit).name,
        **({"region": regions[0]} if len(regions) == 1 else {}),
        **({"place_kind": kind} if (kind := visit.asked("kind")) in kinds else {}),
    }


def answered_at_counter(visit: Visit, session: Session) -> frozenset[str]:
    """The fields of an application that the papers of a walk-in answer."""
    return frozenset({*_ON_LICENCE, "contact_name", *_own_region(visit, session)})


def _of_a_walk_in(visit: Visit, session: Session, present: MandateView) -> dict[str, str]:
    """What the papers at the counter say already; the place is mostly where the firm is."""
    party = session.scalars(select(Party).where(Party.code == present.party)).one()
    return {
        **{name: getattr(party, column) for name, column in _ON_LICENCE.items()},
        "contact_name": present.name,
        **_own_region(visit, session),
    }


def _own_region(visit: Visit, session: Session) -> dict[str, str]:
    """The district of the clerk's authority, if she serves one only."""
    held = visit.reader.authorities if visit.reader else frozenset()
    regions = set(session.scalars(select(Authority.region).where(Authority.id.in_(held))))
    return {"region": regions.pop()} if len(regions) == 1 else {}


def _kind_label(kind: PlaceKind) -> str:
    """A kind of place, and what it needs instead if it needs no licence."""
    instead = _INSTEAD.get(kind.treatment)
    return f"{kind.label}（{instead}）" if instead else kind.label


def for_step(visit: Visit, session: Session, case: CaseView, step: str) -> Guide:
    """How the form of a step of this case begins, and what it chooses from."""
    desk = Desk(visit, session, case)
    make = prefilled_steps().get(f"{case.process}.{step}") or prefilled_steps().get(step)
    if make:
        return make(desk)
    process = visit.office.versions.by_digest(session, case.declaration)
    for effect in process.step(step).effects:
        recorded = _of_effects().get(type(effect))
        if recorded and (guide := recorded(desk, effect)):
            return guide
    return _as_drafted(desk, process, step)


@cache
def prefilled_steps() -> Mapping[str, Prefiller]:
    """What the topics say of their steps, by `step` or `process.step`."""
    topics = modules_named("prefill", "api")
    return {name: make for topic in topics for name, make in getattr(topic, "STEPS", {}).items()}


@cache
def _of_effects() -> Mapping[type[Effect], Callable[[Desk, Any], Guide | None]]:
    topics = modules_named("prefill", "api")
    return {kind: make for topic in topics for kind, make in getattr(topic, "EFFECTS", {}).items()}


def _as_drafted(desk: Desk, process: Process, step: str) -> Guide:
    """What is bound by an approval begins with the draft as it stands."""
    binds = [bind for bind in process.binds if step in bind.bound]
    drafts = {name for bind in binds for name in bind.drafts}
    latest = next((name for name in reversed(list(desk.case.data)) if name in drafts), "")
    said = desk.given(latest)
    parts = {part for bind in binds for part in bind.parts}
    return Guide(begin={name: value for name, value in said.items() if name in parts})


def labels_of(guide: Guide) -> dict[str, dict[str, str]]:
    """What the choices of a form are called, by field and value."""
    return {
        name.rsplit(".", 1)[-1]: {option.value: option.label for option in options}
        for name, options in guide.options.items()
    }


def asides(visit: Visit, session: Session, case: CaseView) -> tuple[Aside, ...]:
    """What officers should know beside a case; the party is told nothing of it."""
    if not case.as_officer:
        return ()
    topics = (one for one in modules_named("prefill", "api") if hasattr(one, "asides"))
    return tuple(aside for topic in topics for aside in topic.asides(visit, session, case))


def for_reading(visit: Visit, session: Session, case: CaseView) -> dict[str, dict[str, str]]:
    """What the choices in all forms of a case are called."""
    try:
        process, _ = visit.office.versions.in_force(session, case.process, visit.today)
        labels = labels_of(for_application(visit, session, process))
    except Misconfigured:
        labels = {}
    labels.setdefault("place_kind", {})[case.data.get("application", {}).get("place_kind", "")] = (
        case.place_kind
    )
    inspectors = officers_of(visit.office, session, acting(visit), case.number, Role.INSPECTOR)
    return {
        **labels,
        "material": {item.key: item.label for item in case.materials},
        "inspectors": {inspector.username: inspector.name for inspector in inspectors},
        **{
            name: called
            for topic in modules_named("prefill", "api")
            if hasattr(topic, "labels")
            for name, called in topic.labels(visit, session, case).items()
        },
    }
