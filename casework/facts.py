"""Gathering what guards need to know: one gatherer per type of fact, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from casework.act import COUNTER, Act
from casework.clocks import Run
from casework.counting import count, count_back
from casework.education import drawn
from casework.filing import plain
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
from casework.timekeeping import legal_date
from rulebook.models import Material
from state_machines.facts import (
    ApplicationBar,
    Appointment,
    Assignment,
    Change,
    ConditionsReported,
    CreditStanding,
    Decisions,
    Defence,
    Deferral,
    DeferredItems,
    Delegation,
    DepartmentAsks,
    DepartmentLists,
    Education,
    EndingGround,
    EquipmentScope,
    ExtendedLimit,
    Findings,
    Holding,
    ItemReview,
    LicenceStanding,
    Materials,
    NamedInspectors,
    OpenBusiness,
    PaperPromise,
    PauseSpan,
    PlaceFilings,
    PlaceKind,
    PlaceRecord,
    Proof,
    PublicHarm,
    QuizAnswers,
    ReadyBy,
    RegisteredName,
    RemoteLook,
    RenewalTime,
    ReviewBinding,
    Reviews,
    Signatory,
    StoppedLimit,
    Supplement,
    Tries,
)
from state_machines.forms.common import LookMode
from state_machines.forms.instant_licence import RefusalGround
from state_machines.licence import HELD
from state_machines.radiation import ITEMS
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
        if c.process == "licence" and c.state in HELD
    ]
    return PlaceRecord(min(applications, default=None), min(licences, default=None))


def _place_kind(act: Act) -> PlaceKind:
    key = act.data["application"]["place_kind"]
    kind = act.rules.place_kind(key, act.day, act.region)
    return PlaceKind(key, kind.label, kind.treatment, kind.law)


def _place_filings(act: Act) -> PlaceFilings:
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    standing = act.session.scalar(
        select(Case.number)
        .where(
            Case.place_id == act.case.place_id,
            Case.process == act.process.key,
            Case.id != act.case.id,
            Case.party_id == act.case.party_id,
            Case.state.in_(("received", "awaiting_supplement", "supplemented", "filed")),
        )
        .order_by(Case.id)
        .limit(1)
    )
    return PlaceFilings(standing)


# Whose false material, and whose fraud, bars from applying (许可法78, 79): in which process the
# decision was taken by which step, where the reason stands, and for how long it bars.
_BARS = (
    (
        "instant_licence",
        "refuse",
        Case.data["refuse"]["ground"].as_string() == RefusalGround.FALSE_MATERIAL.value,
        "licensing.bar_false_material",
        "曾隐瞒有关情况或者提供虚假材料申请许可，被不予许可",
    ),
    (
        "commitment_check",
        "revoke",
        Case.data["find_false"]["reason"].as_string().is_not(None),
        "licensing.bar_fraud",
        "曾以欺骗等不正当手段取得许可，被撤销",
    ),
)


def _application_bar(act: Act) -> ApplicationBar:
    for process, step, proved, key, reason in _BARS:
        decided = act.session.scalars(
            select(LogRow.header["effective_at"].as_string())
            .join(Case, LogRow.case_id == Case.id)
            .where(
                Case.party_id == act.case.party_id,
                Case.process == process,
                proved,
                LogRow.header["kind"].as_string() == "step",
                LogRow.header["name"].as_string() == step,
            )
        )
        for instant in decided:
            day = legal_date(datetime.fromisoformat(instant))
            limit, _ = act.rules.limit(key, day, act.region)
            until = count(limit, day, (), act.rules.calendar).due
            if until and act.day <= until:
                return ApplicationBar(until + timedelta(days=1), reason, limit.law)
    return ApplicationBar(None, "", "")


def _registered_name(act: Act) -> RegisteredName:
    said, party = act.data["application"], act.party
    name, registered = plain(said["place_name"]), plain(party.name)
    return RegisteredName(
        said["place_name"],
        party.name,
        name.startswith(registered) or registered.startswith(name),
        bool(act.data.get("accept", {}).get("name_difference", "").strip()),
        said["representative"],
        plain(said["representative"]) == plain(party.representative),
    )


def _listed(act: Act) -> tuple[Material, ...]:
    if act.process.materials is None:
        return ()
    return act.rules.materials(act.process.materials, act.day, act.region).items


def _handed_in(act: Act) -> set[str]:
    rows = select(Attachment.material).where(Attachment.case_id == act.case.id).distinct()
    return set(act.session.scalars(rows))


def _handed_in_since(act: Act, header: Mapping[str, Any]) -> set[str]:
    """What came in after a row of the log was written."""
    rows = select(Attachment.material).where(
        Attachment.case_id == act.case.id,
        Attachment.received_at >= datetime.fromisoformat(header["recorded_at"]),
    )
    return set(act.session.scalars(rows))


def _deferred(act: Act) -> set[str]:
    return set(act.data.get("accept", {}).get("deferred", ()))


def _materials(act: Act) -> Materials:
    may_follow = {item.key for item in _listed(act) if item.deferrable}
    there = _handed_in(act) | (may_follow & _deferred(act))
    return Materials(
        tuple(item.label for item in _listed(act) if item.required and item.key not in there)
    )


def _deferral(act: Act) -> Deferral:
    handed_in = _handed_in(act)
    may = {item.key for item in _listed(act) if item.deferrable and item.key not in handed_in}
    return Deferral(tuple(_labels(act).get(key, key) for key in sorted(_deferred(act) - may)))


def _deferred_items(act: Act) -> DeferredItems:
    since = act.dates.get("return_items")
    rows = act.session.execute(
        select(Attachment.material, Attachment.received_at).where(Attachment.case_id == act.case.id)
    )
    fresh = {row.material for row in rows if since is None or legal_date(row.received_at) >= since}
    wanted = act.data["application"]["materials"]
    return DeferredItems(tuple(_labels(act).get(key, key) for key in wanted if key not in fresh))


def _labels(act: Act) -> dict[str, str]:
    return {item.key: item.label for item in _listed(act)}


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
    if asked is None or not items:
        return Supplement(())
    handed_in = _handed_in_since(act, asked)
    # The list may ask for what is on no materials list.
    missing = [item["material"] for item in items if item["material"] not in handed_in]
    return Supplement(tuple(_labels(act).get(material, material) for material in missing))


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
        return Signatory(None, may_promise=False, name="", signs=False)
    empowered = mandate.capacity == "representative" or "promise" in mandate.scope
    name = act.session.get_one(Person, mandate.person_id).name
    return Signatory(mandate.capacity, empowered, name, act.input.get("signer") == name)


def _quiz_answers(act: Act) -> QuizAnswers:
    quiz = act.rules.quiz(act.process.matter or "", act.day, act.region)
    chosen = {answer["question"]: answer["choice"] for answer in act.input.get("answers", ())}
    asked = drawn(quiz, act.case.number)
    return QuizAnswers(
        len(asked),
        tuple(
            act.rules.with_limits(
                f"“{question.text}”{question.why}（{question.law}）", act.day, act.region
            )
            for question in asked
            if chosen.get(question.key) != question.answer
        ),
    )


def _education(act: Act) -> Education:
    required = act.rules.value("licensing.education_before_promise", act.day, act.region)
    return Education(bool(required), "study" in act.data)


def _ready_by(act: Act) -> ReadyBy:
    limit, _ = act.rules.limit("licensing.ready_within", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    return ReadyBy(_day(act.input.get("ready_by")), act.day, latest)


def _paper_promise(act: Act) -> PaperPromise:
    # A look at the log and not at `data`: the channel of the act stands there only.
    channel = act.session.scalar(
        select(LogRow.header["channel"].as_string())
        .where(LogRow.case_id == act.case.id, LogRow.header["name"].as_string() == "commit")
        .order_by(LogRow.seq.desc())
        .limit(1)
    )
    relied_on = _proof(act).promised
    return PaperPromise(relied_on and channel == COUNTER, "signed_promise" in _handed_in(act))


def _appointment(act: Act) -> Appointment:
    due = next((run.due_on for run in act.runs if run.name == "decision" and run.live), None)
    return Appointment(_day(act.input.get("on")) or act.day, act.day, due or act.day)


def _remote_look(act: Act) -> RemoteLook:
    remote = LookMode.VIDEO.value
    booked = act.data.get("book_look", {})
    pictures = act.session.scalars(
        select(Attachment.id).where(
            Attachment.case_id == act.case.id, Attachment.material == "look_picture"
        )
    ).all()
    return RemoteLook(
        act.input.get("mode") == remote,
        booked.get("mode") == remote and (_day(booked.get("on")) or act.day) <= act.day,
        len(pictures),
    )


def _licence(act: Act) -> Case:
    licence = act.case if act.process.key == "licence" else act.related("licence")
    if licence is None:
        raise Misconfigured(f"{act.process.label}没有关联的许可证")
    return licence


def _licence_standing(act: Act) -> LicenceStanding:
    licence = _licence(act)
    process = act.ground.versions.by_digest(act.session, licence.version_digest)
    return LicenceStanding(licence.state, process.state(licence.state).label)


def _conditions_reported(act: Act) -> ConditionsReported:
    return ConditionsReported("prove_conditions" in act.data)


def _renewal_time(act: Act) -> RenewalTime:
    said = _licence(act).data["application"]
    limit, _ = act.rules.limit("licence.renewal_window", act.day, act.region)
    last_day = count_back(limit, date.fromisoformat(said["valid_until"]), act.rules.calendar).due
    rule = act.rules.value("licence.late_renewal", act.day, act.region)
    filed_on = act.dates.get("begin_renewal", act.day)
    return RenewalTime(filed_on, last_day or act.day, rule == "accept_warn")


def _open_business(act: Act) -> OpenBusiness:
    family = act.case.family_id or act.case.id
    rows = act.session.scalars(
        select(Case.number)
        .where(
            (Case.family_id == family) | (Case.id == family),
            Case.id != act.case.id,
            Case.ended_at.is_(None),
            Case.private.is_(False),
            # The application ends by itself when its certificate is handed over.
            Case.process != "instant_licence",
        )
        .order_by(Case.id)
    )
    return OpenBusiness(tuple(rows))


def _ending_ground(act: Act) -> EndingGround:
    state = act.process.state(act.case.state)
    return EndingGround(state.name, state.label, act.input.get("ground", ""))


def _change(act: Act) -> Change:
    said, licence = act.data["application"], _licence(act).data["application"]
    entries = ("place_name", "representative", "address")
    changed = tuple(name for name in entries if said[name] != licence[name])
    return Change(said["kind"], changed, act.party.code_kind == "id")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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


def _extended_run(act: Act) -> Run | None:
    names = {
        clock.name
        for clock in act.process.every_clock
        if clock.extension and clock.extension.step == act.step.name
    }
    return next((run for run in act.runs if run.name in names and run.live), None)


def _extended_limit(act: Act) -> ExtendedLimit:
    run = _extended_run(act)
    return ExtendedLimit(
        run is not None and run.extended,
        # By the legal date: an extension entered late, but given in time, holds.
        run is not None and run.fires_at is not None and act.at >= run.fires_at,
    )


def _stopped_limit(act: Act) -> StoppedLimit:
    run = _extended_run(act)
    return StoppedLimit(run is not None and run.due_on is None)


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
    # What was reviewed once was told, and its period was over; only a new notice begins a new one.
    reviewed = act.latest(("submit_review", "notify_revocation")) == "submit_review"
    return Defence(
        said == "state_defence",
        said == "waive_defence",
        run.due_on if run else None,
        reviewed or (run is not None and run.fires_at is not None and act.at >= run.fires_at),
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


# -- the joint matter (一件事) ------------------------------------------------------------


def _equipment_scope(act: Act) -> EquipmentScope:
    uses = act.rules.value("one_matter.uses", act.day, act.region)
    classes = act.rules.value("one_matter.device_classes", act.day, act.region)
    levels = act.rules.value("radiation.competence", act.day, act.region)
    outside = []
    for n, one in enumerate(act.data["application"]["equipment"], 1):
        name = f"第{n}台“{one['name']}”"
        if one["use"] not in uses:
            outside.append(f"{name}用于{one['use']}，由{levels[one['use']]}卫生健康主管部门许可")
        elif one["device_class"] not in classes:
            outside.append(f"{name}属于{one['device_class']}，应当单独申请辐射安全许可")
    return EquipmentScope(tuple(outside))


def _asked_by_departments(act: Act) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for item in ITEMS:
        yield item.name, act.data.get(f"check_{item.name}", {}).get("items", [])


def _department_lists(act: Act) -> DepartmentLists:
    listed = {item["material"] for item in act.input.get("items", ())}
    return DepartmentLists(
        tuple(
            _labels(act).get(one["material"], one["material"])
            for _, items in _asked_by_departments(act)
            for one in items
            if one["material"] not in listed
        )
    )


def _department_asks(act: Act) -> DepartmentAsks:
    rows = act.session.scalars(
        select(LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    )
    taken = {header["name"]: header for header in rows if header["kind"] == "step"}
    return DepartmentAsks(
        tuple(
            _labels(act).get(one["material"], one["material"])
            for name, items in _asked_by_departments(act)
            for one in items
            if one["material"] not in _handed_in_since(act, taken[f"check_{name}"])
        )
    )


def _has_passed(act: Act, item: str) -> bool:
    return act.latest((f"pass_{item}", f"fail_{item}")) == f"pass_{item}"


def _reviews(act: Act) -> Reviews:
    return Reviews(tuple(item.label for item in ITEMS if not _has_passed(act, item.name)))


def _item_review(act: Act) -> ItemReview:
    return ItemReview(_has_passed(act, act.step.name.rpartition("_")[2]))


def _decisions(act: Act) -> Decisions:
    granted = sum(f"decide_{item.name}" in act.data for item in ITEMS)
    return Decisions(granted, sum(f"refuse_{item.name}" in act.data for item in ITEMS))


def _holding(act: Act) -> Holding:
    rule = act.rules.value("one_matter.after_partial_refusal", act.day, act.region)
    limit, _ = act.rules.limit("one_matter.hold", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    until = _day(act.input.get("until")) or act.day
    return Holding(rule == "wait_by_request", until, act.day, latest)


_GATHERERS: Mapping[type, Callable[[Act], Any]] = {
    ApplicationBar: _application_bar,
    Appointment: _appointment,
    Assignment: _assignment,
    Change: _change,
    ConditionsReported: _conditions_reported,
    CreditStanding: _credit_standing,
    Decisions: _decisions,
    Defence: _defence,
    Deferral: _deferral,
    DeferredItems: _deferred_items,
    Delegation: _delegation,
    DepartmentAsks: _department_asks,
    DepartmentLists: _department_lists,
    Education: _education,
    EndingGround: _ending_ground,
    EquipmentScope: _equipment_scope,
    ExtendedLimit: _extended_limit,
    Findings: _findings,
    Holding: _holding,
    ItemReview: _item_review,
    LicenceStanding: _licence_standing,
    Materials: _materials,
    NamedInspectors: _named_inspectors,
    OpenBusiness: _open_business,
    PaperPromise: _paper_promise,
    PauseSpan: _pause_span,
    PlaceFilings: _place_filings,
    PlaceKind: _place_kind,
    PlaceRecord: _place_record,
    Proof: _proof,
    PublicHarm: _public_harm,
    QuizAnswers: _quiz_answers,
    ReadyBy: _ready_by,
    RegisteredName: _registered_name,
    RemoteLook: _remote_look,
    RenewalTime: _renewal_time,
    ReviewBinding: _review_binding,
    Reviews: _reviews,
    Signatory: _signatory,
    StoppedLimit: _stopped_limit,
    Supplement: _supplement,
    Tries: _tries,
}
