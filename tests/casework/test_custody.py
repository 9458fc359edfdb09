"""Things in custody: by whom, for how long, and how they come back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit.court_file import court_file
from casework.audit.court_file_proof import verify_file
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import BadInput, GuardRefused, NotAllowed, StepNotOfState
from casework.models import Case, CaseClock, Document
from casework.parts.evidence import entering as evidence
from casework.parts.evidence.register import rows_of
from casework.rules.versions import publish
from state_machines.enforcement.custody.process import requesting
from state_machines.language.vocabulary import Clock, Escalate, Process, Role, State, Step, schema
from state_machines.licensing.instant_licence.forms import Application
from state_machines.parts.records.part import records_of
from tests.casework.test_evidence import PHOTO, item
from tests.support.journeys import (
    CUSTODY,
    OFFICERS,
    SEIZURE,
    TAKING,
    address,
    check_to,
    custody_of,
    custody_to,
    follow,
)
from tests.support.penalties import (
    DECIDED,
    INPUTS,
    WARNING,
    decision,
    go,
    open_lead,
    penalty_to,
    reconsidered,
    register,
    sentence,
)
from tests.support.people import set_post
from tests.support.refusals import refused
from tests.support.rules import add_penalty
from tests.support.town import Town, application

pytestmark = pytest.mark.slow

_BY = (Role.INSPECTOR,)
# The smallest process of enforcement: it looks, keeps what it finds, and ends.
PROBE = Process(
    key="probe",
    code="TC",
    label="探查",
    effective_from=date(2021, 7, 15),
    law="",
    initial="looking",
    opened_by=(Role.APPLICANT,),
    form=schema(Application),
    states=(State("looking", "调查"), State("done", "办结", end=True)),
    steps=(
        *records_of("looking", by=_BY),
        requesting("looking", by=_BY),
        Step("finish", "办结", {"looking": "done"}, _BY, final=True),
    ),
    clocks=(
        Clock(
            "looking", "调查期限", ("looking",), Escalate(Role.SUPERVISOR, "promise"), "check.first"
        ),
    ),
    matter="public_place_hygiene",
    keeps_evidence=True,
)


@pytest.fixture
def probe(town: Town) -> str:
    """A case of the small process."""
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, {"probe": PROBE}, town.time.now())
        session.commit()
    owner.dispose()
    return town.office.open_case("probe", application(), town.people["applicant"]).number


@pytest.fixture
def check(town: Town) -> str:
    """A check that found something."""
    return check_to(town, town.granted(address=address(1)), "inspected")


def _due(town: Town, number: str, clock: str) -> date | None:
    with town.session() as session:
        run = session.scalars(
            select(CaseClock).where(
                CaseClock.case_id == town.case(number).id, CaseClock.name == clock
            )
        ).one()
        return run.due_on


def _issued(town: Town, number: str) -> list[str]:
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        return list(
            session.scalars(
                select(Document.key).where(Document.case_id == case.id).order_by(Document.id)
            )
        )


def _sound(town: Town) -> bool:
    with town.session() as session:
        return verify_database(session, town.office.versions).faults == ()


def test_preserved_things_are_released_by_law_after_seven_working_days(
    town: Town, check: str
) -> None:
    number = custody_to(town, check, "preserved")
    # Taken on Tuesday 2026-09-01: the seventh working day after it is Thursday of the next week.
    assert _due(town, number, "preservation") == date(2026, 9, 10)
    town.time.go_to(date(2026, 9, 10), 23)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "preserved"
    town.time.go_to(date(2026, 9, 11), 0)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "released"
    assert _issued(town, number)[-1] == "preservation_release"
    follow(town, number, ("give_back", OFFICERS))
    assert town.case(number).state == "returned"
    assert _sound(town)


def test_a_seizure_lasts_thirty_days_and_once_thirty_more(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    # A holiday at the end does not lengthen what weighs on the party: 1 October is one.
    assert _due(town, number, "seizure") == date(2026, 10, 1)
    town.time.go_to(date(2026, 9, 30))
    follow(town, number, ("extend", "approver"))
    assert _due(town, number, "seizure") == date(2026, 10, 31)
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "extend", "approver", {"reason": "仍未查清"}),
        code="extended_before",
        law="第二十五条",
    )
    town.time.go_to(date(2026, 11, 1))
    late = {"reason": "逾期后申请"}
    refused(town, StepNotOfState, lambda: town.take(number, "extend", "approver", late))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "released"
    assert _issued(town, number)[-1] == "seizure_release"
    assert _sound(town)


def test_the_days_of_a_test_are_not_counted(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    town.time.go_to(date(2026, 9, 8))
    given = {
        "what": "检测有效氯含量",
        "institution": "疾控中心",
        "expected_until": "2026-09-18",
    }
    town.take(number, "send_for_test", "inspector1", given)
    assert _due(town, number, "seizure") is None
    town.time.go_to(date(2026, 9, 18))
    follow(town, number, ("receive_result", "inspector1"))
    # From 8 to 18 September, both inside, eleven days stand still.
    assert _due(town, number, "seizure") == date(2026, 10, 12)
    assert _sound(town)


@pytest.mark.parametrize("until", ["2026-08-31", "2027-09-03"])
def test_the_time_of_a_test_is_fixed(town: Town, check: str, until: str) -> None:
    number = custody_to(town, check, "seized")
    given = {"what": "检测", "institution": "疾控中心", "expected_until": until}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "send_for_test", "inspector1", given),
        code="test_end_wrong",
        law="第二十五条",
    )


def test_nothing_is_taken_before_the_head_approved(town: Town, check: str) -> None:
    number = custody_to(town, check, "requested")
    for step in ("preserve", "seize"):
        refused(town, StepNotOfState, lambda step=step: town.take(number, step, OFFICERS, TAKING))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "seize_at_once", "inspector1", TAKING),
        code="approval_first",
        law="第五十六条",
    )
    follow(town, check, ("request_custody", OFFICERS), request_custody=SEIZURE)
    calm = custody_of(town, check)
    refused(
        town,
        GuardRefused,
        lambda: town.take(calm, "seize_at_once", "inspector1", TAKING),
        code="approval_first",
        law="第十九条",
    )


def test_an_urgent_seizure_is_approved_within_a_day_or_lifted(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized_urgently")
    assert _due(town, number, "seizure") == date(2026, 10, 1)
    assert _due(town, number, "urgent_report") == date(2026, 9, 2)
    follow(town, number, ("approve", "approver"))
    assert town.case(number).state == "seized"
    # The approval gives no new thirty days.
    assert _due(town, number, "seizure") == date(2026, 10, 1)


def test_what_was_approved_is_what_is_done(town: Town, check: str) -> None:
    follow(town, check, ("request_custody", OFFICERS), request_custody=SEIZURE)
    number = custody_of(town, check)
    follow(town, number, ("approve", "approver"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "preserve", "inspector1", TAKING),
        code="measure_differs",
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"signing": "拒绝签名或者盖章", "not_signed_because": "不认可"},
            "not_signed_without_witness",
        ),
        ({"signing": "当事人不到场", "not_signed_because": "外出"}, "absent_without_witness"),
    ],
)
def test_a_list_nobody_signed_wants_a_witness(
    town: Town, check: str, changes: dict[str, Any], code: str
) -> None:
    number = custody_to(town, check, "approved")
    given = {**TAKING, **changes}
    refused(
        town, GuardRefused, lambda: town.take(number, "preserve", "inspector1", given), code=code
    )


def test_one_officer_takes_nothing(town: Town, check: str) -> None:
    number = custody_to(town, check, "approved")
    assert town.take(number, "preserve", "inspector1", TAKING).awaits_signature
    assert town.case(number).state == "approved"
    assert _issued(town, number) == []


def test_an_officer_whose_certificate_ran_out_takes_nothing(town: Town, check: str) -> None:
    number = custody_to(town, check, "approved")
    set_post(town, "inspector1", certificate_expires=date(2026, 8, 31))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "preserve", "inspector1", TAKING),
        code="certificate_invalid",
        law="第四十二条",
    )


@pytest.mark.parametrize(
    "changes", [{"things": []}, {"lawful_object": False}, {"measure": "没收"}, {"basis": ""}]
)
def test_a_request_that_lacks_what_the_law_wants_is_refused(
    town: Town, check: str, changes: dict[str, Any]
) -> None:
    given = {**CUSTODY, **changes}
    refused(town, BadInput, lambda: town.take(check, "request_custody", "inspector1", given))


def test_nothing_is_confiscated_by_a_decision_that_is_not_made_yet(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    given = {"decision_number": "通卫公罚〔2026〕9号", "decided_on": "2026-09-02"}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "confiscate", "approver", given),
        code="decision_later",
    )
    refused(town, NotAllowed, lambda: town.take(number, "lift", "inspector1", {}))
    early = date(2026, 8, 1)
    ground = {"ground": "当事人没有违法行为"}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "lift", "approver", ground, effective_at=early),
        code="day_of_entry",
    )


def test_nothing_is_confiscated_but_by_a_decision_that_says_so(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    penalty = penalty_to(town, "served")  # a warning and a fine
    with town.session() as session:
        [fined] = session.scalars(
            select(Document.number).where(
                Document.case_id == town.case(penalty).id, Document.key == "penalty_decision"
            )
        )
    today = town.time.now().date().isoformat()

    def confiscate(by: str) -> None:
        given = {"decision_number": by, "decided_on": today}
        town.take(number, "confiscate", "approver", given)

    for by, code in (
        ("通卫公罚〔2026〕99号", "confiscating_decision_unknown"),
        (fined, "decision_confiscates_nothing"),
    ):
        refused(town, GuardRefused, lambda: confiscate(by), code=code, law="第二十七条")  # noqa: B023
    # A paper makes no confiscation of what this house only fined; that of a court is on file.
    register(town, number, fined, "（2026）苏0613刑初9号刑事判决书")
    refused(town, GuardRefused, lambda: confiscate(fined), code="decision_confiscates_nothing")
    confiscate("（2026）苏0613刑初9号")
    assert town.case(number).state == "confiscated"


def test_things_are_confiscated_by_the_decision_of_the_penalty(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    goods = {"kind": "没收非法财物", "amount": "300.00", "days": 0, "detail": "消毒液"}
    with town.session() as session:
        add_penalty(session, "gc004", "没收非法财物")
    said = {
        "propose": {**INPUTS["propose"], **sentence(WARNING, goods)},
        "notify": sentence(WARNING, goods),
        "reconsider": reconsidered(WARNING, goods),
        "decide": decision(WARNING, goods, publicity="general"),
    }
    penalty = open_lead(town)
    go(town, penalty, *DECIDED, **said)
    with town.session() as session:
        [by] = session.scalars(
            select(Document).where(
                Document.case_id == town.case(penalty).id, Document.key == "penalty_decision"
            )
        )
    wrong = {"decision_number": by.number, "decided_on": "2026-08-30"}
    right = {**wrong, "decided_on": by.issued_on.isoformat()}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "confiscate", "approver", wrong),
        code="decision_confiscates_nothing",
    )
    town.take(number, "confiscate", "approver", right)
    assert town.case(number).state == "confiscated"


def test_the_smallest_process_keeps_records_evidence_and_things(town: Town, probe: str) -> None:
    follow(town, probe, ("record_scene", OFFICERS), ("record_interview", OFFICERS))
    evidence.add(town.office, town.people["inspector2"], probe, item(), PHOTO)
    number = custody_to(town, probe, "returned")
    town.take(probe, "finish", "inspector1")
    with town.session() as session:
        assert len(rows_of(session, town.case(probe).id)) == 4
    with town.session() as session:
        made = court_file(town.office, session, town.people["supervisor"], probe)
    report = verify_file(made.content)
    assert (report.case, report.faults) == (probe, ())
    assert f"log/{number}.jsonl".encode() in made.content
    assert _sound(town)
