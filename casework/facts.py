"""Gathering what guards need to know: one gatherer per type of fact, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework.act import Act
from casework.models import (
    Account,
    Attachment,
    Case,
    CreditEvent,
    LogRow,
    Party,
    Person,
    Place,
    Post,
)
from casework.problems import Misconfigured
from state_machines.facts import (
    Assignment,
    CreditStanding,
    Defence,
    Delegation,
    ExtendedLimit,
    Findings,
    Materials,
    NamedInspectors,
    PauseSpan,
    PlaceKind,
    PlaceRecord,
    Proof,
    PublicHarm,
    ReviewBinding,
    Signatory,
    Supplement,
    Tries,
)
from state_machines.licence import STANDING
from state_machines.vocabulary import Role, Step

__all__ = ["as_json", "gather"]

_REVIEWED = ("facts", "basis", "reasons")


def gather(act: Act, step: Step) -> dict[type, Any]:
    """The facts that the guards of a step name, read in this transaction.

    Raises Misconfigured for a fact that no gatherer knows.
    """
    wanted = dict.fromkeys(kind for guard in step.guards for kind in guard.facts)
    return {kind: _gatherer(kind)(act) for kind in wanted}


def as_json(facts: Mapping[type, Any]) -> dict[str, Any]:
    """Facts as they are kept in the log."""
    return {
        kind.__name__: {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asdict(fact).items()
        }
        for kind, fact in facts.items()
    }


def _gatherer(kind: type) -> Callable[[Act], Any]:
    try:
        return _GATHERERS[kind]
    except KeyError:
        raise Misconfigured(f"没有为事实“{kind.__name__}”准备取数方法") from None


def _place_record(act: Act) -> PlaceRecord:
    if act.case.place_id is None:
        return PlaceRecord(None, None)
    # Two applications for one place must see each other.
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    others = act.session.scalars(
        select(Case).where(
            Case.place_id == act.case.place_id,
            Case.id != act.case.id,
            Case.ended_at.is_(None),
        )
    ).all()
    applications = [
        c.number for c in others if c.process == act.process.key and c.state != act.process.initial
    ]
    licences = [
        c.data["application"]["number"]
        for c in others
        if c.process == "licence" and c.state in STANDING
    ]
    return PlaceRecord(min(applications, default=None), min(licences, default=None))


def _place_kind(act: Act) -> PlaceKind:
    key = act.data["application"]["place_kind"]
    kind = act.rules.place_kind(key, act.day, act.region)
    return PlaceKind(key, kind.label, kind.treatment, kind.law)


def _materials(act: Act) -> Materials:
    if act.process.matter is None:
        return Materials(())
    listed = act.rules.materials(act.process.matter, act.day, act.region)
    handed_in = set(
        act.session.scalars(
            select(Attachment.material).where(Attachment.case_id == act.case.id).distinct()
        )
    )
    return Materials(
        tuple(item.label for item in listed.items if item.required and item.key not in handed_in)
    )


def _supplement(act: Act) -> Supplement:
    asked = act.session.scalar(
        select(LogRow.header)
        .where(
            LogRow.case_id == act.case.id, LogRow.header["name"].as_string() == "request_supplement"
        )
        .order_by(LogRow.seq.desc())
        .limit(1)
    )
    items = act.data.get("request_supplement", {}).get("items", [])
    if asked is None or not items or act.process.matter is None:
        return Supplement(())
    listed = act.rules.materials(act.process.matter, act.day, act.region)
    labels = {item.key: item.label for item in listed.items}
    since = act.session.scalars(
        select(Attachment.material).where(
            Attachment.case_id == act.case.id,
            Attachment.received_at >= datetime.fromisoformat(asked["recorded_at"]),
        )
    )
    handed_in = set(since)
    # The list may ask for what is on no materials list.
    missing = [item["material"] for item in items if item["material"] not in handed_in]
    return Supplement(tuple(labels.get(material, material) for material in missing))


def _credit_standing(act: Act) -> CreditStanding:
    act.session.get(Party, act.case.party_id, with_for_update=act.deciding)
    events = act.session.scalars(
        select(CreditEvent)
        .where(CreditEvent.party_id == act.case.party_id, CreditEvent.bars_promise)
        .order_by(CreditEvent.id)
    ).all()
    return CreditStanding(
        tuple(dict.fromkeys(event.label for event in events if event.repaired_on is None)),
        any(event.kind == "licence_revoked" for event in events),
        bool(act.rules.value("licensing.repair_restores_promise_route", act.day, act.region)),
    )


def _signatory(act: Act) -> Signatory:
    mandate = act.hand.mandate
    if mandate is None:
        return Signatory(None, may_promise=False)
    empowered = mandate.capacity == "representative" or "promise" in mandate.scope
    return Signatory(mandate.capacity, empowered)


def _delegation(act: Act) -> Delegation:
    return Delegation(
        act.hand.role is Role.WINDOW_CLERK,
        bool(act.rules.value("licensing.window_may_grant", act.day, act.region)),
    )


def _proof(act: Act) -> Proof:
    check = act.data.get("check_site")
    return Proof(
        act.latest(("commit", "withdraw_commitment", "decline")) == "commit",
        check is not None,
        check is not None and all(result["met"] for result in check["results"]),
    )


def _extended_limit(act: Act) -> ExtendedLimit:
    names = {
        clock.name
        for clock in act.process.every_clock
        if clock.extension and clock.extension.step == act.step.name
    }
    run = next((run for run in act.runs if run.name in names and run.live), None)
    return ExtendedLimit(
        run is not None and run.extended,
        # By the legal date: an extension entered late, but given in time, holds.
        run is not None and run.fires_at is not None and act.at >= run.fires_at,
    )


def _pause_span(act: Act) -> PauseSpan:
    last = act.input.get("expected_until")
    return PauseSpan(act.day, date.fromisoformat(last) if last else act.day)


def _tries(act: Act) -> Tries:
    least = act.rules.value("check.unreachable_attempts", act.day, act.region)
    return Tries(len(act.input.get("tries", ())), int(least))


def _named_inspectors(act: Act) -> NamedInspectors:
    names = set(act.input.get("inspectors", ()))
    rows = act.session.execute(
        select(Account.username, Person.id, Post)
        .join(Person, Account.person_id == Person.id)
        .outerjoin(
            Post,
            (Post.person_id == Person.id)
            & (Post.authority_id == act.case.authority_id)
            & (Post.role == Role.INSPECTOR.value)
            & (Post.valid_from <= act.day)
            & ((Post.valid_to.is_(None)) | (Post.valid_to >= act.day))
            & (Post.certificate_expires >= act.day),
        )
        .where(Account.username.in_(names))
    ).all()
    certified = {username for username, _, post in rows if post is not None}
    persons = {person for username, person, _ in rows if username in certified}
    uncertified = tuple(sorted(names - certified))
    return NamedInspectors(len(persons) + len(uncertified), uncertified)


def _assignment(act: Act) -> Assignment:
    names = act.data.get("assign", {}).get("inspectors", ())
    assigned = set(
        act.session.scalars(select(Account.person_id).where(Account.username.in_(names)))
    )
    return Assignment(tuple(o.name for o in act.hand.officers if o.person_id not in assigned))


def _findings(act: Act) -> Findings:
    look = act.latest(("inspect", "recheck"))
    results = act.data[look]["results"] if look else []
    return Findings(tuple(result["clause"] for result in results if not result["met"]))


def _defence(act: Act) -> Defence:
    # A statement made after an earlier notice is still a statement: `data` is in order of time.
    said = act.latest(("state_defence", "waive_defence", "notify_revocation"))
    run = next((run for run in reversed(act.runs) if run.name == "defence" and run.live), None)
    return Defence(
        said == "state_defence",
        said == "waive_defence",
        run.due_on if run else None,
        run is not None and run.fires_at is not None and act.at >= run.fires_at,
    )


def _review_binding(act: Act) -> ReviewBinding:
    passed = act.latest(("pass_review", "return_review", "submit_review")) == "pass_review"
    reviewed = act.data.get("notify_revocation", {})
    return ReviewBinding(
        passed,
        all(act.input.get(part) == reviewed.get(part) for part in _REVIEWED),
    )


def _public_harm(act: Act) -> PublicHarm:
    return PublicHarm(bool(act.input.get("major_public_harm", False)))


_GATHERERS: Mapping[type, Callable[[Act], Any]] = {
    Assignment: _assignment,
    CreditStanding: _credit_standing,
    Defence: _defence,
    Delegation: _delegation,
    ExtendedLimit: _extended_limit,
    Findings: _findings,
    Materials: _materials,
    NamedInspectors: _named_inspectors,
    PauseSpan: _pause_span,
    PlaceKind: _place_kind,
    PlaceRecord: _place_record,
    Proof: _proof,
    PublicHarm: _public_harm,
    ReviewBinding: _review_binding,
    Signatory: _signatory,
    Supplement: _supplement,
    Tries: _tries,
}
