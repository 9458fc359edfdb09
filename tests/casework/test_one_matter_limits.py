"""The limits of a joint matter and of its licences: whose they are, and who is told."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from casework.common.timekeeping import ZONE
from casework.duties.reminders import send_reminders
from casework.models import Notice
from casework.reading import log_view
from tests.support.joint import context_of, due_days, proved, refusal_of
from tests.support.journeys import (
    ENDING_SERVED,
    PAUSE,
    address,
    follow,
    joint_to,
    single_to,
    usual,
)
from tests.support.town import PERMIT, Town, joint_application, opinion

pytestmark = pytest.mark.slow

BY = {"health": "reviewer", "eco": "eco"}
LEADER = {"health": "approver", "eco": "eco_approver"}


def _told(town: Town, number: str, clock: str) -> list[str]:
    """Which roles were told that a limit has passed, in order."""
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        rows = session.scalars(
            select(Notice.to_role)
            .where(
                Notice.case_id == town.case(number).id,
                Notice.key.startswith(f"expiry/{town.case(number).id}/{clock}/"),
            )
            .order_by(Notice.id)
        )
        return [str(role) for role in rows]


def _goes_on(town: Town, number: str, item: str) -> None:
    """On the day of which the applicant was told the review comes back to its reviewer by itself,
    and both learn of it."""
    town.office.catch_up(town.case(number).id)
    role = {"health": "reviewer", "eco": "eco_reviewer"}[item]
    case = town.case(number)
    with town.session() as session:
        told = session.scalars(
            select(Notice.key).where(
                Notice.key.startswith(f"step/{case.id}/"), Notice.subject.contains("恢复审查")
            )
        )
        assert {key.rsplit("/", 1)[1] for key in told} == {role, "party"}


def test_the_limits_of_a_joint_matter(town: Town) -> None:
    """Filed on Tuesday 2026-09-01; Mid-Autumn and the National Day weeks are counted by hand."""
    number = town.dispatched()
    due = due_days(town, number)
    assert due["promise"] == date(2026, 9, 8)
    assert due["health_statutory"] == date(2026, 9, 29)
    assert due["eco_statutory"] == date(2026, 9, 29)
    assert due["joint"] == date(2026, 11, 9)
    assert (due["health_inner"], due["eco_inner"]) == (date(2026, 9, 4), date(2026, 9, 4))


def test_a_broken_promise_is_told_to_both_leaders_and_is_no_breach_of_law(town: Town) -> None:
    number = town.dispatched()
    town.time.pass_(days=8)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        rows = session.scalars(
            select(Notice).where(Notice.key.contains("/promise/")).order_by(Notice.id)
        ).all()
        told = {row.to_role: row.authority_id for row in rows}
        bodies = {row.body for row in rows}
    assert set(told) == {"approver", "eco_approver"}
    assert told["approver"] == town.case(number).authority_id != told["eco_approver"]
    assert all("承诺（内部）期限" in body for body in bodies)
    town.time.pass_(days=40)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        breach = session.scalars(
            select(Notice).where(Notice.key.contains("/eco_statutory/"), Notice.kind == "breach")
        ).all()
    assert {row.to_role for row in breach} == {"supervisor", "eco_approver"}
    assert all("法定期限" in row.body for row in breach)
    with town.session() as session:
        log = log_view(town.office, session, town.people["window"], number)
    notes = {line.name: line.note for line in log if line.kind == "expiry"}
    assert "违反法定期限" in notes["eco_statutory"]
    assert "未按承诺（内部）期限办理" in notes["promise"]
    assert "违反法定期限" not in notes["promise"]
    proved(town, number)


def test_an_inner_limit_is_told_to_the_leader_of_that_department_alone(town: Town) -> None:
    number = joint_to(town, "health_passed", address(1))
    town.time.pass_(days=4)
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        rows = session.scalars(
            select(Notice).where(Notice.case_id == town.case(number).id, Notice.kind == "breach")
        ).all()
    assert [(row.to_role, "“生态环境内部审查期限”" in row.body) for row in rows] == [
        ("eco_approver", True)
    ]


def test_a_joint_limit_that_is_broken_is_told_to_everybody_above(town: Town) -> None:
    number = joint_to(town, "both_passed", address(1))
    town.time.go_to(date(2026, 11, 10))
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        told = session.scalars(select(Notice.to_role).where(Notice.key.contains("/joint/"))).all()
    assert sorted(map(str, told)) == ["approver", "eco_approver", "supervisor"]


def test_a_certificate_is_not_kept_back_beyond_its_time(town: Town) -> None:
    """T5: decided on Tuesday 2026-09-01, to be served by the 15th."""
    number = joint_to(town, "certs_ready", address(1))
    assert due_days(town, number)["delivery"] == date(2026, 9, 15)
    town.time.go_to(date(2026, 9, 16))
    town.office.catch_up(town.case(number).id)
    with town.session() as session:
        told = session.scalars(select(Notice.to_role).where(Notice.key.contains("/delivery/")))
        assert "supervisor" in told.all()


class TestAfterwards:
    def test_each_reminder_reaches_the_clinic_on_its_day(self, town: Town) -> None:
        number = joint_to(town, "delivered_together", address(1))
        for day, clock, due in (
            (date(2027, 1, 1), "year_report", "2027-01-31"),
            (date(2027, 1, 30), "verification", "2027-03-31"),
            (date(2027, 3, 1), "verification", "2027-03-31"),
        ):
            town.time.go_to(day)
            send_reminders(town.office)
            left = (date.fromisoformat(due) - day).days
            with town.session() as session:
                keys = session.scalars(
                    select(Notice.key).where(
                        Notice.kind == "reminder",
                        Notice.to_party_id == town.case(number).party_id,
                        Notice.key.contains(f"/{clock}/"),
                    )
                ).all()
            assert any(f"/{due}/{left}/party" in key for key in keys), keys

    def test_the_clinic_is_reminded_of_report_term_and_verification(self, town: Town) -> None:
        number = joint_to(town, "delivered_together", address(1))
        safety = town.relative(number, "safety_licence").number
        town.time.go_to(date(2027, 2, 1))
        town.office.catch_up(town.case(safety).id)
        assert town.case(safety).state == "report_overdue"
        town.take(safety, "report", "applicant", {"year": 2026, "summary": "运行正常"})
        case = town.case(safety)
        assert case.state == "valid"
        assert case.data["application"]["report_by"] == "2028-01-31"
        assert due_days(town, safety)["validity"] == date(2031, 8, 31)
        diagnosis = town.relative(number, "diagnosis_licence").number
        town.time.go_to(date(2027, 4, 1))
        town.office.catch_up(town.case(diagnosis).id)
        assert town.case(diagnosis).state == "unverified"
        passed = {"result": "合格", "next_due": "2028-03-31"}
        town.take(diagnosis, "pass_verification", "window", passed)
        assert town.case(diagnosis).data["application"]["verify_by"] == "2028-03-31"
        proved(town, number, safety, diagnosis)


def test_an_extension_says_its_new_last_day_and_is_given_while_the_limit_runs(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "extend_eco", "eco_approver", {"reason": "需要补充监测"})
    assert due_days(town, number)["eco_statutory"] == date(2026, 10, 19)
    assert due_days(town, number)["health_statutory"] == date(2026, 9, 29)
    letter = context_of(town, number, "item_extension_notice")
    assert (letter["extended"]["by"], letter["extended"]["due"]) == ("十个工作日", "2026-10-19")
    follow(town, number, ("pause_health", "reviewer"), ("pause_eco", "eco"))
    told = {"approved_by": "副区长", "approved_on": "2026-09-01", "reason": "会商"}
    assert refusal_of(town, number, "extend_joint", "approver", told).startswith("limit_stopped")
    town.time.pass_(days=1)
    town.take(number, "resume_eco", "eco")
    town.take(number, "extend_joint", "approver", told)
    assert context_of(town, number, "joint_extension_notice")["extended"]["by"] == "十五个工作日"


def test_pauses_are_told_in_writing_by_the_department(town: Town) -> None:
    number = town.dispatched()
    town.take(number, "pause_eco", "eco", PAUSE)
    letter = context_of(town, number, "technical_review_notice")
    assert letter["authority"]["name"] == "南通市崇川生态环境局"
    assert letter["document"]["number"] == "崇川环辐技〔2026〕1号"
    assert letter["said"]["days"] == 10


@pytest.mark.parametrize(("silent", "speaks"), [("eco", "health"), ("health", "eco")])
def test_a_silent_department_has_accepted_its_part_after_a_day(
    town: Town, silent: str, speaks: str
) -> None:
    number = town.file("one_matter", joint_application())
    town.take(number, "submit", "applicant")
    town.take(number, f"check_{speaks}", BY[speaks], {})
    assert due_days(town, number)[f"{silent}_precheck"] == date(2026, 9, 2)
    town.time.pass_(days=2)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "precheck"
    with town.session() as session:
        log = log_view(town.office, session, town.people["window"], number)
    assert f"assume_{silent}" in {line.name for line in log}


@pytest.mark.parametrize("item", ["health", "eco"])
def test_a_review_that_lasts_longer_than_told_comes_back_to_its_reviewer(
    town: Town, item: str
) -> None:
    number = town.dispatched()
    town.take(number, f"pause_{item}", BY[item], PAUSE)
    town.time.go_to(date(2026, 9, 16))
    _goes_on(town, number, item)
    assert town.case(number).tracks[f"{item}_review"] == f"{item}_reviewing"
    backwards = {**PAUSE, "expected_until": "2026-09-15"}
    assert refusal_of(town, number, f"pause_{item}", BY[item], backwards).startswith("pause_end")


@pytest.mark.parametrize("item", ["health", "eco"])
def test_a_limit_is_extended_once_and_an_item_that_failed_is_not_granted(
    town: Town, item: str
) -> None:
    number = town.dispatched()
    why = {"reason": "需要补充监测"}
    town.take(number, f"extend_{item}", LEADER[item], why)
    assert refusal_of(town, number, f"extend_{item}", LEADER[item], why).startswith(
        "extended_before"
    )
    told = {"approved_by": "副区长", "approved_on": "2026-09-01", "reason": "会商"}
    town.take(number, "extend_joint", "approver", told)
    assert refusal_of(town, number, "extend_joint", "approver", told).startswith("extended_before")
    town.take(number, f"fail_{item}", BY[item], opinion("不符合"))
    other = "eco" if item == "health" else "health"
    town.take(number, f"pass_{other}", BY[other], opinion())
    assert town.case(number).state == "not_all_passed"
    assert refusal_of(town, number, f"decide_{item}", LEADER[item], PERMIT).startswith("item_not")


@pytest.mark.parametrize("item", ["health", "eco"])
def test_what_goes_on_alone_keeps_its_limits_and_rules(town: Town, item: str) -> None:
    alone = single_to(town, f"single_{item}", "paused_technical", address(1))
    why = {"reason": "需要补充监测"}
    town.time.go_to(date(2026, 9, 16))
    _goes_on(town, alone, item)
    assert town.case(alone).state == "reviewing"
    backwards = {**PAUSE, "expected_until": "2026-09-15"}
    assert refusal_of(town, alone, f"pause_{item}", BY[item], backwards).startswith("pause_end")
    town.take(alone, f"extend_{item}", LEADER[item], why)
    assert refusal_of(town, alone, f"extend_{item}", LEADER[item], why).startswith(
        "extended_before"
    )
    town.take(alone, f"fail_{item}", BY[item], opinion("不符合"))
    assert refusal_of(town, alone, f"decide_{item}", LEADER[item], PERMIT).startswith("item_not")
    town.time.go_to(date(2027, 3, 1))
    assert _told(town, alone, "decision") == ["supervisor", LEADER[item]]
    granted = single_to(town, f"single_{item}", "granted", address(2))
    town.time.go_to(date(2027, 4, 1))
    assert _told(town, granted, "delivery") == ["supervisor"]


def test_a_report_and_a_verification_that_never_come_are_told_upwards(town: Town) -> None:
    number = joint_to(town, "delivered_together", address(1))
    safety = town.relative(number, "safety_licence").number
    diagnosis = town.relative(number, "diagnosis_licence").number
    town.time.go_to(date(2027, 2, 20))
    assert _told(town, safety, "overdue_report") == []
    town.time.go_to(date(2027, 3, 8))
    assert _told(town, safety, "overdue_report") == ["eco_approver"]
    # Due to be verified on 2027-03-31; a year without it is a ground of deregistration.
    town.time.go_to(date(2028, 4, 3))
    assert _told(town, diagnosis, "unverified") == ["supervisor"]
    ended = {"ground": "逾期不申请校验", "reason": "逾期不申请校验"}
    found = {**usual("diagnosis_licence", "decide_ending"), "ground": ended["ground"]}
    follow(town, diagnosis, *ENDING_SERVED, decide_ending=found)
    town.take(diagnosis, "deregister", "approver", ended)
    assert town.case(diagnosis).state == "deregistered"
    proved(town, safety, diagnosis)


def test_five_years_end_the_safety_licence_and_its_holder_is_reminded(town: Town) -> None:
    """Granted on 2021-08-10, so good until 2026-08-09; the first reminder is ninety days before."""
    town.time.instant = datetime(2021, 8, 10, 9, 0, tzinfo=ZONE)
    number = joint_to(town, "delivered_together", address(1), verify_by="2024-03-31")
    safety = town.relative(number, "safety_licence").number
    town.time.go_to(date(2026, 5, 11))
    town.office.catch_up(town.case(safety).id)
    send_reminders(town.office)
    with town.session() as session:
        keys = session.scalars(
            select(Notice.key).where(
                Notice.kind == "reminder",
                Notice.to_party_id == town.case(number).party_id,
                Notice.key.contains("/validity/"),
            )
        ).all()
    assert any("/2026-08-09/90/party" in key for key in keys), keys
    town.time.go_to(date(2026, 8, 10))
    town.office.catch_up(town.case(safety).id)
    assert town.case(safety).state == "expired"
    town.time.go_to(date(2026, 9, 15))
    assert _told(town, safety, "deregistration") == ["eco_approver"]
    proved(town, safety)
