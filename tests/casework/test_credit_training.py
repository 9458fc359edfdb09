"""The exam (信用培训考试): marks at the edge, time kept by the server, two windows, retakes."""

from __future__ import annotations

from datetime import date

from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused, StaleVersion, StepNotOfState
from casework.credit.training.sittings import certificate_of, sittings
from casework.duties.due_clocks import fire_due_clocks
from casework.models import LogRow
from casework.rules.versions import VersionCache
from tests.support.refusals import refused
from tests.support.town import Town


def _begun(town: Town) -> str:
    number = town.enrol()
    town.take(number, "start_exam", "applicant")
    return number


def test_eighty_per_cent_is_a_pass_and_one_question_less_is_not(town: Town) -> None:
    number = _begun(town)
    town.take(number, "submit_paper", "applicant", town.sheet(number, wrong=5))
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "certify", "applicant"),
        code="exam_failed",
        law="培训",
    )
    assert "答对15题（共20题）" in problem.detail
    town.take(number, "start_exam", "applicant")
    town.take(number, "submit_paper", "applicant", town.sheet(number, wrong=4))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "start_exam", "applicant"),
        code="exam_passed",
    )
    town.take(number, "certify", "applicant")
    with town.session() as session:
        case = town.case(number)
        assert verify_case(session, case, VersionCache()) == []
        kept = sittings(session, case)
        answers = session.query(LogRow).filter_by(case_id=case.id).order_by(LogRow.seq).all()
    # Each sitting has a paper of its own, and every answer sheet is kept.
    assert len({one.seed for one in kept}) == len({one.questions for one in kept}) == 2
    sheets = [row.payload["input"] for row in answers if row.header["name"] == "submit_paper"]
    assert [len(sheet["answers"]) for sheet in sheets] == [20, 20]


def test_a_question_left_out_is_wrong_and_one_not_asked_gains_nothing(town: Town) -> None:
    number = _begun(town)
    sheet = town.sheet(number)["answers"]
    few = {"answers": [*sheet[:15], {"question": "not_asked", "choice": 0}]}
    town.take(number, "submit_paper", "applicant", few)
    refused(
        town, GuardRefused, lambda: town.take(number, "certify", "applicant"), code="exam_failed"
    )


def test_answers_after_the_time_are_refused(town: Town) -> None:
    number = _begun(town)
    sheet = town.sheet(number)
    town.time.pass_(minutes=61)
    refused(
        town,
        StepNotOfState,
        lambda: town.take(number, "submit_paper", "applicant", sheet),
    )
    fire_due_clocks(town.office)
    assert town.case(number).state == "handed_over"
    refused(
        town, GuardRefused, lambda: town.take(number, "certify", "applicant"), code="exam_failed"
    )
    in_time = _begun(town)
    sheet = town.sheet(in_time)
    town.time.pass_(minutes=59)
    town.take(in_time, "submit_paper", "applicant", sheet)
    town.take(in_time, "certify", "applicant")


def test_two_windows_are_one_sitting(town: Town) -> None:
    number = town.enrol()
    version = town.case(number).version
    actor = town.people["applicant"]
    office = town.office
    office.advance(number, "start_exam", {}, actor, version=version)
    refused(
        town,
        StaleVersion,
        lambda: office.advance(number, "start_exam", {}, actor, version=version),
    )
    sheet, begun = town.sheet(number), town.case(number).version
    office.advance(number, "submit_paper", {"answers": []}, actor, version=begun)
    refused(
        town,
        StaleVersion,
        lambda: office.advance(number, "submit_paper", sheet, actor, version=begun),
    )


def test_retakes_are_limited_by_the_day(town: Town) -> None:
    number = town.enrol()
    for _ in range(3):
        town.take(number, "start_exam", "applicant")
        town.take(number, "submit_paper", "applicant", {"answers": []})
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "start_exam", "applicant"),
        code="sat_too_often",
    )
    town.time.pass_(days=1)
    town.take(number, "start_exam", "applicant")


def test_a_certificate_is_good_for_its_year(town: Town) -> None:
    town.certified()
    with town.session() as session:
        rules = town.office.rules.current(session)
        party = town.case(town.newest("credit_training")).party_id
        # Taken on 1 September 2026.
        assert certificate_of(session, rules, party, date(2027, 9, 1))
        assert certificate_of(session, rules, party, date(2027, 9, 2)) is None
        assert certificate_of(session, rules, party, date(2026, 8, 31)) is None
