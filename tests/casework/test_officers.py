"""Who handles a case: recusal, hand-over, qualification, and a warning before hands run out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from casework.acts.actors import recused
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import GuardRefused, NotAllowed
from casework.models import Account, Delegation, Document, Person, Post, Recusal
from casework.parts.officers.new_handlers import colleagues, hand_over_each
from casework.reading import case_view
from casework.rules.rendering import printed_text
from tests.support.journeys import check_to, follow, usual
from tests.support.people import appoint, newcomer, second_account, set_post
from tests.support.refusals import refused
from tests.support.town import START, Town, look, review

pytestmark = pytest.mark.slow

LAW_OF_RECUSAL = "《行政处罚法》第四十三条"
RECUSED = {**usual("commitment_check", "decide_recusal"), "recused": True, "reasons": "情况属实"}


def checked(town: Town, state: str) -> str:
    """A check of a new licence, taken to a state."""
    return check_to(town, town.granted(), state)


def take(town: Town, number: str, step: str, by: str, given: Any = None) -> Any:
    """A deed: taking a step."""
    return lambda: town.take(number, step, by, given or usual("commitment_check", step))


def lacking(
    town: Town, number: str, by: str = "supervisor"
) -> dict[str, tuple[int, tuple[str, ...]]]:
    """By step: how many are left who may take it, and who may not."""
    with town.session() as session:
        view = case_view(town.office, session, town.people[by], number)
        return {one.step: (one.left, one.barred) for one in view.shortages}


def test_whoever_is_recused_takes_no_further_step_and_the_inquiry_goes_on_until_then(
    town: Town,
) -> None:
    check = checked(town, "assigned")
    town.take(check, "ask_recusal", "applicant", usual("commitment_check", "ask_recusal"))
    follow(town, check, ("inspect", "inspector1+inspector2"))  # the inquiry goes on (43)
    town.take(check, "decide_recusal", "approver", RECUSED)
    problem = refused(
        town,
        GuardRefused,
        take(town, check, "order_rectification", "inspector2"),
        code="recused",
        law=LAW_OF_RECUSAL,
    )
    assert "甲inspector2" in problem.detail
    with town.session() as session:
        document = session.scalars(select(Document).where(Document.key == "recusal_decision")).one()
        assert document.context["recusal"]["officer"] == "甲inspector2"
        assert [one["label"] for one in document.context["recusal"]["done"]] == ["核查承诺履行情况"]
    follow(town, check, ("order_rectification", "inspector1"))
    assert not _faults(town)


def test_a_refused_request_bars_nobody_and_another_may_follow(town: Town) -> None:
    check = checked(town, "inspected")
    follow(town, check, ("ask_recusal", "applicant"), ("decide_recusal", "approver"))
    follow(town, check, ("order_rectification", "inspector2"), ("ask_recusal", "inspector2"))
    assert not _faults(town)


def test_recusal_holds_for_a_second_account_and_for_what_comes_of_the_case(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "assigned")
    follow(town, check, ("ask_recusal", "applicant"))
    town.take(check, "decide_recusal", "approver", RECUSED)
    other = second_account(town, "inspector2")
    version = town.case(check).version
    refused(
        town,
        GuardRefused,
        lambda: town.office.advance(check, "inspect", look(met=True), other, version=version),
        code="recused",
    )
    # The licence did not come from the check: whoever stands aside there may act on it.
    with town.session() as session:
        person = town.people["inspector2"].person_id
        assert recused(session, town.case(check)) == {person}
        assert recused(session, town.relative(granted, "licence")) == frozenset()


@pytest.mark.parametrize(
    ("step", "by", "given", "code"),
    [
        ("decide_recusal", "approver", None, "recusal_not_asked"),
        ("ask_recusal", "applicant", "asked", "recusal_undecided"),
        ("decide_recusal", "approver", {**RECUSED, "officer": "nobody"}, "unknown_officer"),
        ("decide_recusal", "approver", {**RECUSED, "officer": "applicant"}, "unknown_officer"),
        ("decide_recusal", "approver", {**RECUSED, "officer": "inspector1"}, "another_officer"),
        ("decide_recusal", "approver", {**RECUSED, "officer": "approver"}, "own_recusal"),
    ],
)
def test_what_is_decided_is_what_was_asked(
    town: Town, step: str, by: str, given: Any, code: str
) -> None:
    check = checked(town, "assigned")
    if code != "recusal_not_asked":
        follow(town, check, ("ask_recusal", "applicant"))
    given = None if given == "asked" else given
    refused(town, GuardRefused, take(town, check, step, by, given), code=code, law=LAW_OF_RECUSAL)


def test_a_recusal_struck_from_the_register_is_found(town: Town) -> None:
    check = checked(town, "assigned")
    follow(town, check, ("ask_recusal", "applicant"))
    town.take(check, "decide_recusal", "approver", RECUSED)
    # The application's own role may not: whoever does is the owner of the database.
    engine = engine_for(town.url, role=None)
    with engine.begin() as connection:
        connection.execute(delete(Recusal))
    engine.dispose()
    assert [fault.text for fault in _faults(town)] == ["回避登记与日志记载不一致"]


def test_a_case_handed_over_is_the_new_officers_and_no_longer_the_old_ones(town: Town) -> None:
    newcomer(town, "inspector3")
    appoint(town, "inspector3", "inspector")
    check = checked(town, "inspected")
    given = {"inspectors": ["inspector1", "inspector3"], "reason": "原承办人调离"}
    town.take(check, "hand_over", "supervisor", given)
    refused(
        town, GuardRefused, take(town, check, "order_rectification", "inspector2"),
        code="not_assigned",
    )  # fmt: skip
    follow(town, check, ("order_rectification", "inspector3"))
    assert not _faults(town)


def test_a_hand_over_names_two_certified_officers(town: Town) -> None:
    check = checked(town, "inspected")
    set_post(town, "inspector2", certificate_expires=START.date() - timedelta(days=1))
    refused(
        town, GuardRefused, take(town, check, "hand_over", "supervisor"),
        code="certificate_invalid", law="第四十二条",
    )  # fmt: skip
    refused(town, NotAllowed, take(town, check, "hand_over", "inspector1"))


@pytest.mark.parametrize(
    ("since", "number", "refused_code"),
    [
        ("2018-01-01", None, "reviewer_unqualified"),
        ("2017-12-31", None, ""),
        ("2018-01-01", "A20183206020001", ""),
    ],
)
def test_who_first_reviews_since_2018_holds_the_law_qualification(
    town: Town, since: str, number: str | None, refused_code: str
) -> None:
    check = checked(town, "legal_review")
    set_post(town, "legal", valid_from=since, law_qualification=number)
    deed = take(town, check, "pass_review", "legal", review())
    if refused_code:
        refused(town, GuardRefused, deed, code=refused_code, law="第五十八条")
    else:
        deed()


def test_a_qualification_of_a_post_that_is_over_or_to_come_is_not_printed(town: Town) -> None:
    check = checked(town, "legal_review")
    today = town.time.now().date()
    set_post(town, "legal", valid_from=date(2017, 12, 31), law_qualification=None)
    over = {"valid_from": date(2015, 1, 1), "valid_to": today - timedelta(days=1)}
    to_come = {"valid_from": today + timedelta(days=1), "valid_to": None}
    with town.session() as session:
        [held] = session.scalars(
            select(Post).where(Post.person_id == town.people["legal"].person_id)
        ).all()
        for qualification, span in (("A2015-OVER", over), ("A2026-TO-COME", to_come)):
            session.add(
                Post(
                    person_id=held.person_id,
                    authority_id=held.authority_id,
                    role=held.role,
                    law_qualification=qualification,
                    **span,
                )
            )
    town.take(check, "pass_review", "legal", review())
    with town.session() as session:
        opinion = session.scalars(
            select(Document).where(Document.key == "legal_review_opinion")
        ).one()
        printed = printed_text(opinion.content)
    assert "A2015" not in printed
    assert "A2026" not in printed


def test_everybody_is_warned_before_nobody_is_left(town: Town) -> None:
    check = checked(town, "assigned")
    assert lacking(town, check) == {}
    follow(town, check, ("ask_recusal", "applicant"))
    town.take(check, "decide_recusal", "approver", RECUSED)
    found = lacking(town, check)
    # One officer is left where two are wanted; nothing is lacking where one is enough.
    assert found["inspect"] == (1, ("甲inspector2（已回避）",))
    assert "order_rectification" not in found
    # The party is not told who is short of whom.
    assert lacking(town, check, by="applicant") == {}


def test_whoever_handled_the_case_is_not_counted_for_its_review_or_decision(town: Town) -> None:
    check = checked(town, "inspected")
    appoint(town, "inspector1", "legal_reviewer")
    with town.session() as session:
        legal = town.people["legal"].person_id
        session.execute(
            update(Post)
            .where(Post.person_id == legal)
            .values(valid_to=START.date() - timedelta(days=1))
        )
        name = session.get_one(Person, town.people["inspector1"].person_id).name
    found = lacking(town, check)
    assert found["pass_review"] == (0, (f"{name}（已办理本案其他环节）",))


def _faults(town: Town) -> Any:
    with town.session() as session:
        return verify_database(session, town.office.versions).faults


def test_a_clerk_without_a_written_delegation_is_nobody_who_could_grant(town: Town) -> None:
    number = town.committed()
    set_post(town, "approver", valid_to=date(2026, 8, 31))
    assert "grant" not in lacking(town, number)
    with town.session() as session:
        session.execute(update(Delegation).values(valid_to=date(2020, 12, 31)))
        # One of something else, and one that its head did not confirm.
        for step, unconfirmed in (("licence_change.grant", False), ("instant_licence.grant", True)):
            session.add(
                Delegation(
                    authority_id=town.case(number).authority_id,
                    person_id=town.people["window"].person_id,
                    granted_by=town.people["approver"].person_id,
                    number="崇卫授〔2026〕3号",
                    signed_on=START.date(),
                    scope=[step],
                    valid_from=START.date(),
                    valid_to=date(2026, 12, 31),
                    unconfirmed=unconfirmed,
                )
            )
    assert lacking(town, number)["grant"] == (0, ("甲window（没有书面授权）",))
    appoint(town, "window", "approver")
    assert "grant" not in lacking(town, number)


def test_cases_are_handed_over_to_who_handles_cases_of_this_authority_today(town: Town) -> None:
    gone = {"valid_to": START.date() - timedelta(days=1)}

    def names(*, certified: bool) -> set[str]:
        with town.session() as session:
            found = colleagues(town.office, session, town.people["supervisor"], certified=certified)
        return {one.username for one in found}

    there = names(certified=False)
    assert {"inspector1", "inspector2", "handler1", "handler2"} <= there
    assert not {"inspector1_b", "legal", "window"} & there
    assert names(certified=True) == there
    set_post(town, "inspector1", **gone)
    set_post(town, "handler1", certificate_expires=gone["valid_to"])
    with town.session() as session:
        session.execute(
            update(Account).where(Account.username == "inspector2").values(active=False)
        )
    assert names(certified=False) == there - {"inspector1", "inspector2"}
    assert names(certified=True) == there - {"inspector1", "inspector2", "handler1"}


def test_what_happened_since_a_list_was_seen_is_handed_over_to_nobody(town: Town) -> None:
    check = checked(town, "assigned")
    version, to = town.case(check).version, ["inspector1", "inspector2"]

    def handed_over(seen: int, key: str = "k") -> tuple[str, ...]:
        supervisor = town.people["supervisor"]
        [found] = hand_over_each(town.office, supervisor, [(check, seen)], to, "休假", key)
        return found.reasons

    assert handed_over(version - 1)
    assert "hand_over" not in town.case(check).data
    assert handed_over(version) == handed_over(version) == ()
    assert town.case(check).version == version + 1
