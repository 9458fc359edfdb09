"""A revocation that fell, by 复议, by a court or by whoever decided it: the licence is given back,
and the file tells."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.audit.proof import verify_database
from casework.common.problems import GuardRefused, StepNotOfState
from casework.models import Document, Publication
from casework.parts.credit_file import file_of
from casework.reading import case_view, draft_view
from casework.rules.rendering import printed_text
from tests.support.journeys import OVERTURNED, UNDOING, check_to, follow
from tests.support.refusals import refused
from tests.support.town import Town

pytestmark = pytest.mark.slow


def test_what_was_quashed_is_given_back(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "reconsideration_changed")
    # At once, and nobody has to see to it.
    assert town.case(check).state == "reinstated"
    assert town.relative(granted, "licence").state == "valid"
    refused(town, StepNotOfState, lambda: town.take(check, "deregister", "approver"))
    with town.session() as session:
        case = town.case(check)
        rules = town.office.rules.current(session)
        on = town.time.now().date()
        items = {one.event.kind: one for one in file_of(session, rules, case.party_id, on)}
        assert items["licence_revoked"].lifted
        # What the revocation wrote down falls with it (K12, K20).
        assert items["promise_broken"].lifted
        assert not verify_database(session, town.office.versions).faults


def test_what_was_merely_found_unlawful_stays_revoked(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "under_reconsideration")
    unlawful = {**OVERTURNED, "result": "确认违法"}
    follow(town, check, ("change_by_reconsideration", "legal"), change_by_reconsideration=unlawful)
    assert town.case(check).state == "revocation_served"
    assert town.relative(granted, "licence").state == "revoked"
    with town.session() as session:
        view = case_view(town.office, session, town.people["applicant"], check)
        rows = session.scalars(select(Publication).filter_by(case_id=town.case(check).id)).all()
        case = town.case(check)
        rules = town.office.rules.current(session)
        items = file_of(session, rules, case.party_id, town.time.now().date())
        assert not any(one.lifted for one in items)
    assert [one.marks for one in view.documents if one.marks] == [
        ("已被行政复议确认违法，不撤销（2026-09-01）",)
    ]
    # It is not shown any more.
    assert rows[-1].withdrawn_because == OVERTURNED["reasons"]
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "reinstate", "approver"),
        code="decision_not_overturned",
    )


def test_a_revocation_that_stands_is_not_taken_back_so(town: Town) -> None:
    check = check_to(town, town.granted(), "reconsideration_upheld")
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "reinstate", "approver"),
        code="decision_not_overturned",
    )


def test_what_the_authority_undoes_itself_is_given_back_at_once(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "revocation_served")
    follow(town, check, ("propose_undoing", "inspector1"), ("review_undoing", "legal"))
    changed = {**UNDOING, "kind": "变更"}
    assert town.relative(granted, "licence").state == "revoked"
    with town.session() as session:
        draft = draft_view(town.office, session, town.people["legal"], check, "review_undoing")
    # The draft of the undoing, and not the notice of what is undone beside it.
    assert draft is not None
    assert (draft.label, draft.previous_label) == ("拟撤销、变更决定", "")
    assert [part.now for part in draft.parts] == list(UNDOING.values())
    follow(town, check, ("undo_decision", "approver"))
    assert town.case(check).state == "decision_undone"
    assert town.relative(granted, "licence").state == "valid"
    with town.session() as session:
        case = town.case(check)
        revoked, undoing = session.scalars(
            select(Document)
            .where(
                Document.case_id == case.id,
                Document.key.in_(("revocation_decision", "undoing_decision")),
            )
            .options(undefer(Document.content))
            .order_by(Document.id)
        ).all()
        assert f"《撤销行政许可决定书》（{revoked.number}" in printed_text(undoing.content)
        rules = town.office.rules.current(session)
        on = town.time.now().date()
        items = {one.event.kind: one for one in file_of(session, rules, case.party_id, on)}
        assert items["licence_revoked"].lifted
        assert items["promise_broken"].lifted
        entries = session.scalars(
            select(Publication).filter_by(case_id=case.id, register="licences")
        ).all()
        # Three working days from Tuesday 1 September: the 4th.
        assert [(one.due_on, one.withdrawn_because) for one in entries][1:] == [
            (date(2026, 9, 4), UNDOING["reasons"])
        ]
        view = case_view(town.office, session, town.people["applicant"], check)
    marked = {one.key: one.marks for one in view.documents if one.marks}
    assert marked == {"revocation_decision": ("已被本机关撤销、变更（2026-09-01）",)}
    for step in ("deregister", "undo_decision", "reinstate", "correct"):
        refused(
            town,
            StepNotOfState,
            lambda step=step: town.take(check, step, "approver", changed),
        )
    follow(town, check, ("serve_undoing", "inspector1"))
    assert town.case(check).state == "undoing_served"
    with town.session() as session:
        assert not verify_database(session, town.office.versions).faults


def test_a_revocation_is_lifted_whole_or_stands(town: Town) -> None:
    check = check_to(town, town.granted(), "revocation_served")
    changed = {**UNDOING, "kind": "变更"}
    town.take(check, "propose_undoing", "inspector1", changed)
    follow(town, check, ("review_undoing", "legal"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "undo_decision", "approver", changed),
        code="revocation_not_changed",
        law="《行政许可法》第六十九条",
    )


def test_a_slip_in_a_revocation_is_corrected_and_served_before_the_case_is_closed(
    town: Town,
) -> None:
    check = check_to(town, town.granted(), "correction_unserved")
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "deregister", "approver"),
        code="correction_unserved",
        law="《民事诉讼法》第八十七条",
    )
    with town.session() as session:
        view = case_view(town.office, session, town.people["applicant"], check)
    former, corrected = (one for one in view.documents if one.key == "revocation_decision")
    assert former.number == corrected.number
    assert former.marks == ("已补正，以同号补正文书为准（2026-09-01）",)
    assert corrected.title.endswith("（补正）")
    follow(town, check, ("serve_correction", "inspector1"), ("deregister", "approver"))
    assert town.case(check).state == "deregistered"
    with town.session() as session:
        assert not verify_database(session, town.office.versions).faults
