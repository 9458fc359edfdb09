"""Two officers, two persons (处罚法42): who may confirm, until when; and duties kept apart (58)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.acts.actors import Actor
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import (
    BadInput,
    GuardRefused,
    NotAllowed,
    NotFound,
    SecondSignatureProblem,
)
from casework.common.timekeeping import legal_date
from casework.models import (
    Authority,
    Document,
    LogRow,
    PendingSignature,
    Post,
)
from casework.reading import log_view
from casework.rules.versions import publish
from state_machines.language.vocabulary import Process
from state_machines.processes import PROCESSES
from tests.support.journeys import (
    CUSTODY,
    OFFICERS,
    SEIZURE,
    check_to,
    custody_of,
    follow,
    usual,
)
from tests.support.people import appoint, newcomer, second_account, set_post
from tests.support.refusals import refused
from tests.support.town import CERTIFICATE_ENDS, INSPECTORS, Town, look

pytestmark = pytest.mark.slow


def assigned(town: Town, inspectors: tuple[str, ...] = ("inspector1", "inspector2")) -> str:
    """A check with its officers assigned."""
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", {"inspectors": list(inspectors)})
    return check


def half_signed(town: Town) -> str:
    """A check whose inspection the first of two officers has entered."""
    check = assigned(town)
    town.take(check, "inspect", "inspector1", look(met=False))
    return check


def sign(town: Town, check: str, by: Actor, version: int | None = None) -> Any:
    """A deed: confirming the inspection."""
    at = town.case(check).version if version is None else version
    return lambda: town.office.sign(check, "inspect", by, version=at)


def test_nothing_happens_until_the_second_officer_confirms(town: Town) -> None:
    check = assigned(town)
    before = town.case(check)
    out = town.take(check, "inspect", "inspector1", look(met=False))
    assert out.awaits_signature
    after = town.case(check)
    assert (after.state, after.version, after.head_hash) == (
        "assigned",
        before.version,
        before.head_hash,
    )
    town.office.sign(check, "inspect", town.people["inspector2"], version=after.version)
    assert town.case(check).state == "inspected"


def send_back(town: Town, check: str, by: str, reason: str = "日期写错", **more: Any) -> Any:
    """A deed: sending the first officer's entry back."""
    at = more.get("version", town.case(check).version)
    return lambda: town.office.return_signature(
        check, "inspect", reason, town.people[by], version=at
    )


@pytest.mark.parametrize("by", ["inspector1", "inspector2"])
def test_what_was_sent_back_is_entered_anew_and_stays_in_the_log(town: Town, by: str) -> None:
    check = half_signed(town)
    seen = town.case(check).version
    send_back(town, check, by)()
    assert town.case(check).state == "assigned"
    refused(town, SecondSignatureProblem, sign(town, check, town.people["inspector2"], seen))
    town.take(check, "inspect", "inspector2", look(met=True))
    # Whoever still has the first entry on the screen has not seen the second one.
    refused(town, SecondSignatureProblem, sign(town, check, town.people["inspector1"], seen))
    sign(town, check, town.people["inspector1"])()
    assert town.case(check).state == "inspected"
    with town.session() as session:
        rows = session.scalars(
            select(LogRow).where(LogRow.case_id == town.case(check).id).order_by(LogRow.seq)
        ).all()
        assert verify_database(session, town.office.versions).faults == ()
        lines = log_view(town.office, session, town.people["inspector1"], check)
    assert [row.header["kind"] for row in rows] == ["open", "step", "returned", "step"]
    back = rows[2]
    assert back.header["officers"] == [town.people[by].person_id]
    assert back.payload["signed_by"] == town.people["inspector1"].person_id
    assert back.payload["input"]["results"] != rows[3].payload["input"]["results"]
    assert (lines[2].label, lines[2].note) == ("退回重填：核查承诺履行情况", "日期写错")


def test_sending_back_wants_a_reason_an_entry_and_somebody_who_may_enter_it(town: Town) -> None:
    check = assigned(town)
    refused(town, SecondSignatureProblem, send_back(town, check, "inspector1"))
    town.take(check, "inspect", "inspector1", look(met=False))
    refused(town, BadInput, send_back(town, check, "inspector1", " "))
    refused(town, SecondSignatureProblem, send_back(town, check, "inspector1", version=99))
    refused(town, NotAllowed, send_back(town, check, "supervisor"))
    refused(town, NotFound, send_back(town, check, "inspector1_b"))
    sign(town, check, town.people["inspector2"])()
    refused(town, SecondSignatureProblem, send_back(town, check, "inspector1"))


def test_log_and_document_name_both_officers_in_the_order_of_signing(town: Town) -> None:
    check = half_signed(town)
    sign(town, check, town.people["inspector2"])()
    with town.session() as session:
        row = session.scalars(
            select(LogRow).where(LogRow.case_id == town.case(check).id).order_by(LogRow.seq.desc())
        ).first()
        record = session.scalars(
            select(Document)
            .where(Document.key == "check_record")
            .options(undefer(Document.context))
        ).one()
        assert session.scalars(select(PendingSignature)).all() == []
    assert row is not None
    people = [town.people[name] for name in ("inspector1", "inspector2")]
    assert row.header["officers"] == [one.person_id for one in people]
    assert [
        (officer["name"], officer["certificate"]) for officer in record.context["act"]["officers"]
    ] == [(one.name, f"ZF-{one.person_id:05d}") for one in people]


def test_a_record_calls_each_paper_of_the_file_by_its_name(town: Town) -> None:
    check = assigned(town)
    town.attach(check, "signed_receipt", by="inspector1")
    town.take(check, "inspect", "inspector1", look(met=False))
    sign(town, check, town.people["inspector2"])()
    with town.session() as session:
        asked = select(Document).where(Document.key == "check_record")
        record = session.scalars(asked.options(undefer(Document.context))).one()

    assert [one["label"] for one in record.context["attachments"]] == ["送达回证（已签名或者盖章）"]


def test_the_same_person_cannot_confirm(town: Town) -> None:
    check = half_signed(town)
    for actor in (town.people["inspector1"], second_account(town, "inspector1")):
        problem = refused(town, SecondSignatureProblem, sign(town, check, actor))
        assert "第四十二条" in problem.law


def test_only_an_assigned_officer_confirms(town: Town) -> None:
    check = half_signed(town)
    stranger = town.people[appoint(town, newcomer(town, "stranger"), "inspector")]
    problem = refused(town, GuardRefused, sign(town, check, stranger))
    assert problem.extra["reasons"][0]["code"] == "not_assigned"


def test_nobody_of_another_role_confirms(town: Town) -> None:
    check = half_signed(town)
    for account in ("reviewer", "approver", "supervisor", "applicant"):
        refused(town, NotAllowed, sign(town, check, town.people[account]))
    refused(town, NotFound, sign(town, check, town.people["inspector1_b"]))


def test_there_must_be_something_to_confirm(town: Town) -> None:
    check = assigned(town)
    refused(town, SecondSignatureProblem, sign(town, check, town.people["inspector2"]))


def test_a_second_first_signature_is_refused(town: Town) -> None:
    check = half_signed(town)
    for by in ("inspector1", "inspector2"):
        refused(
            town,
            SecondSignatureProblem,
            lambda by=by: town.take(check, "inspect", by, look(met=True)),
        )


def test_a_signature_is_void_once_the_case_has_moved(town: Town) -> None:
    check = half_signed(town)
    old = town.case(check).version
    town.take(check, "assign", "supervisor", INSPECTORS)  # the same two, but a new decision
    second = town.people["inspector2"]
    refused(town, SecondSignatureProblem, sign(town, check, second, old))
    refused(town, SecondSignatureProblem, sign(town, check, second))
    town.take(check, "inspect", "inspector2+inspector1", look(met=True))
    assert town.case(check).state == "inspected"


def test_a_breach_told_in_between_does_not_void_a_signature(town: Town) -> None:
    """What was signed on the day stays signed; that the check is late is told beside it."""
    check = assigned(town)
    town.time.go_to(date(2026, 10, 8))  # the last day for it
    town.take(check, "inspect", "inspector1", look(met=False))
    town.time.pass_(days=1)
    town.office.catch_up(town.case(check).id)
    sign(town, check, town.people["inspector2"])()
    case = town.case(check)
    assert case.state == "inspected"
    with town.session() as session:
        row = session.scalars(
            select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq.desc())
        ).first()
    assert row is not None
    assert row.header["effective_at"] < row.header["recorded_at"]


def test_who_signs_too_late_confirms_nothing(town: Town) -> None:
    """An entry that one of two has signed is no entry yet, and that is due in three working days:
    from Tuesday to Friday."""
    check = half_signed(town)
    town.time.pass_(days=6)
    deed = sign(town, check, town.people["inspector2"])
    refused(town, GuardRefused, deed, code="entered_late", law="国办发〔2018〕118号")


@pytest.mark.parametrize("account", ["inspector1", "inspector2"])
def test_the_certificate_must_hold_on_the_legal_date(town: Town, account: str) -> None:
    check = assigned(town)
    today = legal_date(town.time.now())
    set_post(town, account, certificate_expires=today - timedelta(days=1))
    first, second = town.people["inspector1"], town.people["inspector2"]
    version = town.case(check).version

    def both() -> None:
        town.office.advance(check, "inspect", look(met=True), first, version=version)
        town.office.sign(check, "inspect", second, version=version)

    with pytest.raises(GuardRefused) as caught:
        both()
    assert caught.value.extra["reasons"][0]["code"] == "certificate_invalid"
    assert f"{today:%Y-%m-%d}" in caught.value.detail
    assert "第四十二条" in caught.value.law
    assert town.case(check).state == "assigned"


def test_the_certificate_must_hold_on_the_day_of_the_signature_as_well(town: Town) -> None:
    """Another person with a certificate that holds confirms what the first one entered."""
    check = assigned(town)
    set_post(town, "inspector2", certificate_expires=legal_date(town.time.now()))
    town.take(check, "inspect", "inspector1", look(met=True))
    town.time.pass_(days=1)
    deed = sign(town, check, town.people["inspector2"])
    refused(town, GuardRefused, deed, code="certificate_invalid", law="第四十二条")
    set_post(town, "inspector2", certificate_expires=CERTIFICATE_ENDS)
    deed()
    assert town.case(check).state == "inspected"


def test_without_a_certificate_nobody_is_one_of_two(town: Town) -> None:
    set_post(town, "inspector1", certificate_number=None, certificate_expires=None)
    check = town.relative(town.granted(), "check").number
    problem = refused(
        town, GuardRefused, lambda: town.take(check, "assign", "supervisor", INSPECTORS)
    )
    assert "inspector1" in problem.detail


def test_the_certificate_of_another_authority_is_none_here(town: Town) -> None:
    check = half_signed(town)
    signer = town.people["inspector2"]
    with town.session() as session:
        own = session.scalars(select(Post).where(Post.person_id == signer.person_id)).one()
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        session.add(
            Post(
                person_id=signer.person_id,
                authority_id=elsewhere,
                role="inspector",
                valid_from=own.valid_from,
                certificate_number=own.certificate_number,
                certificate_expires=own.certificate_expires,
            )
        )
        own.certificate_number = None
    refused(town, GuardRefused, sign(town, check, signer), code="certificate_invalid")


def test_two_accounts_of_one_person_are_not_two_officers(town: Town) -> None:
    second_account(town, "inspector1")
    check = town.relative(town.granted(), "check").number
    named = {"inspectors": ["inspector1", "inspector1_again"]}
    problem = refused(town, GuardRefused, lambda: town.take(check, "assign", "supervisor", named))
    assert problem.extra["reasons"][0]["code"] == "two_officers"
    assert "第四十二条" in problem.law


def test_a_post_that_has_ended_gives_nothing(town: Town) -> None:
    check = half_signed(town)
    set_post(town, "inspector2", valid_to=legal_date(town.time.now()) - timedelta(days=1))
    refused(town, NotFound, sign(town, check, town.people["inspector2"]))


def test_a_post_must_hold_on_the_legal_date_and_today(town: Town) -> None:
    number = town.granted()
    granted = legal_date(town.time.now())
    town.time.pass_(days=3)
    set_post(town, "window", valid_from=granted + timedelta(days=2))

    def deliver(days: int) -> None:
        day, given = granted + timedelta(days=days), usual("instant_licence", "deliver")
        town.take(number, "deliver", "window", given, effective_at=day)

    refused(town, NotAllowed, lambda: deliver(1))
    deliver(2)


# -- duties kept apart, by person ------------------------------------------------------------------


def in_review(town: Town) -> str:
    """A check at its legal review, handled by both inspectors."""
    return check_to(town, town.granted(), "legal_review")


@pytest.mark.parametrize(
    "handled",
    ["inspect", "recheck", "find_false", "find_broken", "notify_revocation", "submit_review"],
)
def test_who_took_one_step_of_the_check_neither_reviews_nor_decides_it(
    town: Town, handled: str
) -> None:
    check = town.relative(town.granted(), "check").number
    handler = appoint(town, newcomer(town, "handler"), "inspector")
    town.take(check, "assign", "supervisor", {"inspectors": ["inspector1", "inspector2", handler]})
    way = ["inspect", "order_rectification", "serve_order", "recheck", "find_broken"]
    if handled == "find_false":
        way = ["inspect", "find_false"]
    for step in (*way, "notify_revocation", "waive_defence", "waive_hearing", "submit_review"):
        by = handler if step == handled else "inspector1"
        if step in ("inspect", "recheck", "find_broken", "find_false", "notify_revocation"):
            by += "+inspector2"
        follow(town, check, (step, "applicant" if step.startswith("waive") else by))

    for role in ("legal_reviewer", "approver"):
        appoint(town, handler, role)
    again = second_account(town, handler)
    for step in ("pass_review", "return_review", "revoke"):
        if step == "revoke":
            follow(town, check, ("pass_review", "legal"))
        for actor in (town.people[handler], again):
            _kept_apart(town, check, step, actor)
    follow(town, check, ("revoke", "approver"))


@pytest.mark.parametrize("handled", ["grant", "preserve", "seize", "seize_at_once"])
def test_who_handled_a_related_case_reviews_neither_the_revocation_nor_its_undoing(
    town: Town, handled: str
) -> None:
    """The application that led to the licence, or things in custody: by any of his accounts."""
    check = check_to(town, town.granted(), "rechecked")
    other = "window"  # who granted it
    if handled != "grant":
        other = appoint(town, newcomer(town, "other"), "inspector")
        asked = {"preserve": CUSTODY, "seize": SEIZURE}.get(handled, {**SEIZURE, "urgent": True})
        follow(town, check, ("request_custody", OFFICERS), request_custody=asked)
        custody = custody_of(town, check)
        if handled != "seize_at_once":
            follow(town, custody, ("approve", "approver"))
        follow(town, custody, (handled, f"inspector1+{other}"))
    follow(
        town,
        check,
        ("find_broken", OFFICERS),
        ("notify_revocation", "inspector1+inspector2"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"),
    )
    appoint(town, other, "legal_reviewer")
    both = (town.people[other], second_account(town, other))
    for actor in both:
        _kept_apart(town, check, "pass_review", actor)
    follow(town, check, ("pass_review", "legal"), ("revoke", "approver"))
    follow(town, check, ("propose_undoing", "inspector1"))
    for actor in both:
        _kept_apart(town, check, "review_undoing", actor)
    follow(town, check, ("review_undoing", "legal"))


def test_who_reviewed_a_revocation_does_not_decide_it(town: Town) -> None:
    check = in_review(town)
    follow(town, check, ("pass_review", "legal"))
    appoint(town, "legal", "approver")
    for actor in (town.people["legal"], second_account(town, "legal")):
        _kept_apart(town, check, "revoke", actor)
    follow(town, check, ("revoke", "approver"))


def _kept_apart(town: Town, check: str, step: str, actor: Actor) -> None:
    version = town.case(check).version
    given = usual("commitment_check", step)
    refused(
        town,
        GuardRefused,
        lambda: town.office.advance(check, step, given, actor, version=version),
        code="separation_of_duties",
        law="《行政处罚法》第五十八条",
    )


def test_a_page_says_who_is_kept_from_a_step(town: Town) -> None:
    check = in_review(town)
    appoint(town, "inspector2", "legal_reviewer")
    set_post(town, "inspector2", law_qualification="A20183206020002")
    with town.session() as session:
        found = town.office.verdicts(session, town.case(check), town.people["inspector2"])
    against = {v.step.name: [r.code for r in v.reasons] for v in found}
    assert against["pass_review"] == ["separation_of_duties"]


def test_duties_are_kept_apart_over_the_whole_family(town: Town) -> None:
    """Who granted a licence may be kept from striking it off, if a declaration says so."""
    _publish(town, _struck_off_by_another_than_who_granted(PROCESSES["commitment_check"]))
    number = town.committed()
    town.take(number, "grant", "approver")
    check = check_to(town, number, "revocation_served")
    version, given = town.case(check).version, usual("commitment_check", "deregister")
    deputy = appoint(town, newcomer(town, "deputy"), "approver")
    for actor in (town.people["approver"], second_account(town, "approver")):
        problem = refused(
            town,
            GuardRefused,
            lambda actor=actor: town.office.advance(
                check, "deregister", given, actor, version=version
            ),
        )
        assert problem.extra["reasons"][0]["code"] == "separation_of_duties"
    town.take(check, "deregister", deputy, given)


def _struck_off_by_another_than_who_granted(process: Process) -> Process:
    steps = tuple(
        replace(step, apart_from=(*step.apart_from, "instant_licence.grant"))
        if step.name == "deregister"
        else step
        for step in process.steps
    )
    return replace(process, steps=steps, effective_from=date(2022, 1, 1))


def _publish(town: Town, process: Process) -> None:
    engine = engine_for(town.url, role=None)
    with Session(engine) as session:
        publish(session, {process.key: process}, town.time.now())
        session.commit()
    engine.dispose()
