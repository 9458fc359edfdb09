"""Things in custody: by whom, for how long, and how they come back."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
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
from casework.common.texts import folded
from casework.duties.due_clocks import fire_due_clocks
from casework.enforcement.custody.door import _is_money
from casework.models import Case, CaseClock, Document
from casework.parts.evidence import entering as evidence
from casework.parts.evidence.register import rows_of
from casework.rules.rendering import printed_text
from casework.rules.versions import publish
from state_machines.enforcement.custody.process import EVIDENCE_CUSTODY, requesting
from state_machines.language.canonical import digest, from_json, to_json
from state_machines.language.vocabulary import Clock, Escalate, Process, Role, State, Step, schema
from state_machines.licensing.instant_licence.forms import Application
from state_machines.parts.records.part import records_of
from tests.casework.test_evidence import PHOTO, item
from tests.support.former import under_former_versions
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
    INPUTS,
    SERVED,
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


def test_nothing_is_kept_longer_for_a_test_that_nobody_was_asked_for(
    town: Town, check: str
) -> None:
    number = custody_to(town, check, "seized")
    town.time.go_to(date(2026, 9, 8))
    given, by = _tested("2026-09-18"), town.people["inspector1"]

    def sent() -> Any:
        version = town.case(number).version
        return town.office.advance(number, "send_for_test", given, by, version=version)

    refused(town, GuardRefused, sent, code="no_commission_letter", law="第二十五条")
    town.attach(number, "commission_letter", by="inspector1")
    sent()
    assert _due(town, number, "seizure") is None
    assert _sound(town)


@pytest.mark.parametrize(
    ("until", "also"), [("2026-08-31", ()), ("2027-09-03", ("test_too_long",))]
)
def test_the_time_of_a_test_is_fixed(
    town: Town, check: str, until: str, also: tuple[str, ...]
) -> None:
    number = custody_to(town, check, "seized")
    given = {"what": "检测", "institution": "疾控中心", "expected_until": until}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "send_for_test", "inspector1", given),
        code="test_end_wrong",
        law="第二十五条",
        also=also,
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


def test_money_is_no_evidence(town: Town, check: str) -> None:
    for name in ("收银台现金", "营业款", "人民币三千元"):
        asked = {**CUSTODY, "things": [{"name": name, "quantity": "一批"}]}
        refused(
            town,
            GuardRefused,
            lambda: town.take(check, "request_custody", "inspector1", asked),  # noqa: B023
            code="money_is_no_evidence",
            law="第二十三条",
        )


@pytest.mark.parametrize(
    ("name", "money"),
    [
        *((name, True) for name in ("现金（收银机内）", "账本内夹现金", "账本（内夹现金）")),
        *((name, True) for name in ("现金和账本", "人民币本金", "人民币钞票", "纸箱（现金）")),
        *((name, True) for name in ("现金5万元随单据", "人民币二万元 手机一部")),
        ("收据（现金5万元）", True),
        *((name, False) for name in ("现金日记账", "营业款登记本", "银行卡刷卡机", "收据（货款）")),
        *((name, False) for name in ("货款结算单", "存折复印件", "银行卡POS机一台", "消毒液")),
    ],
)
def test_books_and_machines_are_no_money(name: str, *, money: bool) -> None:
    """处罚法56: books and receipts prove, whatever they are about."""
    assert _is_money(folded(name)) == money


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
    go(town, penalty, *SERVED, **said)
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


def _tested(until: str) -> dict[str, Any]:
    return {"what": "检测有效氯含量", "institution": "疾控中心", "expected_until": until}


def test_a_test_ends_when_the_party_was_told_that_it_does(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    town.time.go_to(date(2026, 9, 8))
    town.take(number, "send_for_test", "inspector1", _tested("2026-09-18"))
    town.time.go_to(date(2026, 9, 19), 0)
    fire_due_clocks(town.office)
    assert town.case(number).state == "seized"
    # From 8 to 18 September, both inside, eleven days stand still, and no day more.
    assert _due(town, number, "seizure") == date(2026, 10, 12)
    # What comes late is kept, and stops nothing any more.
    town.time.go_to(date(2026, 9, 25))
    follow(town, number, ("receive_result", "inspector1"))
    assert _due(town, number, "seizure") == date(2026, 10, 12)
    given = {"report": "检字2号", "result": "合格"}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "receive_result", "inspector1", given),
        code="no_test_awaited",
        law="第二十五条",
    )
    town.time.go_to(date(2026, 10, 13), 0)
    fire_due_clocks(town.office)
    assert town.case(number).state == "released"
    assert _issued(town, number)[-1] == "seizure_release"
    assert _sound(town)


def test_things_are_not_kept_by_one_test_after_the_other(town: Town, check: str) -> None:
    number = custody_to(town, check, "seized")
    # Ninety days together, however they are told.
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "send_for_test", "inspector1", _tested("2026-11-30")),
        code="test_too_long",
        law="第二十五条",
    )
    town.take(number, "send_for_test", "inspector1", _tested("2026-11-09"))
    town.time.go_to(date(2026, 11, 10))
    fire_due_clocks(town.office)
    assert town.case(number).state == "seized"

    def again(until: str) -> None:
        town.take(number, "send_for_test", "inspector1", _tested(until))

    refused(town, GuardRefused, lambda: again("2026-11-30"), code="test_too_long")
    again("2026-11-29")  # seventy days, and twenty more
    town.time.go_to(date(2026, 11, 30))
    fire_due_clocks(town.office)
    problem = refused(town, GuardRefused, lambda: again("2026-11-30"), code="test_too_long")
    assert "不能再次送检" in problem.detail
    assert _sound(town)


def test_preserved_things_do_not_stay_with_the_laboratory(town: Town, check: str) -> None:
    number = custody_to(town, check, "preserved")
    town.take(number, "send_for_test", "inspector1", _tested("2026-09-18"))
    town.time.go_to(date(2026, 9, 19), 0)
    fire_due_clocks(town.office)
    assert town.case(number).state == "tested"
    follow(town, number, ("receive_result", "inspector1"))
    # Seven working days to deal with them, around 中秋节 (25 September).
    due = _due(town, number, "disposal")
    assert due is not None
    town.time.go_to(due, 23)
    fire_due_clocks(town.office)
    assert town.case(number).state == "tested"
    town.time.pass_(days=1)
    fire_due_clocks(town.office)
    assert town.case(number).state == "released"
    assert _issued(town, number)[-1] == "preservation_release"
    assert _sound(town)


# As it was: whoever was to be told of the end was told, and nothing came of it.
TOLD_ONLY = replace(
    EVIDENCE_CUSTODY,
    steps=tuple(
        replace(
            step,
            moves={at: to for at, to in step.moves.items() if at != to and at != "tested"}
            if step.name in ("receive_result", "release_by_law")
            else {
                at: to for at, to in step.moves.items() if step.name != "reject" or to != "released"
            },
            effects=tuple(one for one in step.effects if not one.leaving),
            guards=() if step.name == "receive_result" else step.guards,
            optional_in=(),
            in_every_version=False,
        )
        for step in EVIDENCE_CUSTODY.steps
        if step.name != "end_test"
    ),
    clocks=tuple(
        replace(
            clock,
            on_expiry=Escalate(Role.INSPECTOR, breach="none")
            if clock.name in ("test", "disposal", "urgent_report")
            else clock.on_expiry,
            stops=tuple(replace(stop, end_told=False) for stop in clock.stops),
            in_every_version=False,
        )
        for clock in EVIDENCE_CUSTODY.clocks
    ),
)


@pytest.mark.parametrize("fell_due", [False, True])
def test_things_of_an_older_version_are_not_kept_without_end(
    town: Town, check: str, fell_due: bool
) -> None:
    """Also where the old version told of the end before the release, and told nobody again."""
    with under_former_versions(town, {"evidence_custody": TOLD_ONLY}):
        seized = custody_to(town, check, "seized")
        kept = custody_to(town, check, "preserved")
        for number in (seized, kept):
            town.take(number, "send_for_test", "inspector1", _tested("2026-09-18"))
    old = digest(TOLD_ONLY)
    if fell_due:
        town.time.go_to(date(2026, 9, 21))
        # The release before knows nothing of what binds every version.
        town.office.versions._loaded[old] = from_json(to_json(TOLD_ONLY))
        fire_due_clocks(town.office)
        assert town.case(seized).state == "testing"
        assert town.case(kept).state == "sent_for_test"
        del town.office.versions._loaded[old]
    town.time.go_to(date(2026, 9, 22))
    fire_due_clocks(town.office)
    assert (town.case(seized).version_digest, town.case(kept).version_digest) == (old, old)
    assert town.case(seized).state == "seized"
    assert town.case(kept).state == "tested"
    # The days from the 2nd, on which the limit began, to the 18th stand still.
    assert _due(town, seized, "seizure") == date(2026, 10, 18)
    town.time.go_to(date(2026, 10, 19))
    fire_due_clocks(town.office)
    assert (town.case(seized).state, town.case(kept).state) == ("released", "released")
    assert _sound(town)


def test_who_acts_before_the_sweep_gains_no_day(town: Town, check: str) -> None:
    with under_former_versions(town, {"evidence_custody": TOLD_ONLY}):
        number = custody_to(town, check, "seized")
        town.take(number, "send_for_test", "inspector1", _tested("2026-09-18"))
    old = digest(TOLD_ONLY)
    town.time.go_to(date(2026, 9, 21))
    town.office.versions._loaded[old] = from_json(to_json(TOLD_ONLY))
    fire_due_clocks(town.office)
    del town.office.versions._loaded[old]
    town.time.go_to(date(2026, 10, 9))
    follow(town, number, ("receive_result", "inspector1"))
    assert town.case(number).state == "seized"
    assert _due(town, number, "seizure") == date(2026, 10, 18)
    assert _sound(town)


def test_things_whose_time_ran_out_are_not_taken_again(town: Town, check: str) -> None:
    """By another seizure of the same things the first one would go on for ever."""
    first = custody_to(town, check, "seized")
    things = town.case(first).data["seize"]["things"]
    town.time.go_to(date(2026, 10, 2))
    fire_due_clocks(town.office)
    assert town.case(first).state == "released"

    def again(asked: dict[str, Any], step: str, taken: Any, by: str = OFFICERS) -> None:
        follow(town, check, ("request_custody", OFFICERS), request_custody=asked)
        number = custody_of(town, check)
        follow(town, number, ("approve", "approver"))
        town.take(number, step, by, {**TAKING, "things": taken})

    for taken in (things, [{**things[0], "name": f" {things[0]['name']}", "quantity": "一瓶"}]):
        follow(town, check, ("request_custody", OFFICERS), request_custody=SEIZURE)
        number = custody_of(town, check)
        follow(town, number, ("approve", "approver"))
        given = {**TAKING, "things": taken}
        refused(
            town,
            GuardRefused,
            lambda given=given, number=number: town.take(number, "seize", OFFICERS, given),
            code="taken_before",
            law="第二十五条",
        )
    # Nor when they were given back; other things are, and these may be kept as evidence.
    follow(town, first, ("give_back", OFFICERS))
    with pytest.raises(GuardRefused, match="不得再次"):
        again(SEIZURE, "seize", things)
    again(SEIZURE, "seize", [{**things[0], "spec": "另一批次"}])
    again(CUSTODY, "preserve", things)
    assert _sound(town)


def test_what_was_released_is_given_back_before_it_is_taken_again(town: Town, check: str) -> None:
    first = custody_to(town, check, "preserved")
    things = town.case(first).data["preserve"]["things"]
    copied = {"ground": "已采取记录、复制、拍照、录像等证据保全措施"}
    town.take(first, "release", "approver", copied)

    def again() -> None:
        town.take(number, "preserve", OFFICERS, {**TAKING, "things": things})

    follow(town, check, ("request_custody", OFFICERS), request_custody=CUSTODY)
    number = custody_of(town, check)
    follow(town, number, ("approve", "approver"))
    refused(town, GuardRefused, again, code="taken_before", law="第五十六条")
    follow(town, first, ("give_back", OFFICERS))
    again()
    assert town.case(number).state == "preserved"


@pytest.mark.parametrize("former", [False, True])
def test_what_was_seized_at_once_and_is_not_approved_is_not_held(
    town: Town, check: str, former: bool
) -> None:
    """The head lifts it at once, or it is lifted when the day for his approval is over."""
    older = under_former_versions(town, {"evidence_custody": TOLD_ONLY})
    with older if former else nullcontext():
        refused_, forgotten = (custody_to(town, check, "seized_urgently") for _ in range(2))
    follow(town, refused_, ("reject", "approver"))
    assert town.case(refused_).state == "released"
    assert _issued(town, refused_)[-1] == "seizure_release"
    with town.session() as session:
        papers = session.scalars(
            select(Document.content)
            .where(Document.case_id == town.case(refused_).id)
            .order_by(Document.id)
        ).all()
    assert "负责人审查后不予批准" in printed_text(papers[-1])
    town.time.pass_(hours=25)
    fire_due_clocks(town.office)
    assert town.case(forgotten).state == "released"
    refused(
        town,
        StepNotOfState,
        lambda: town.take(forgotten, "approve", "approver", {"opinion": "补批"}),
    )
    follow(town, refused_, ("give_back", OFFICERS))
    # It never bore a term: the approved seizure of the same things does, one more at once does not.
    things = town.case(forgotten).data["seize_at_once"]["things"]
    urgent = {**SEIZURE, "urgent": True, "things": things}
    follow(town, check, ("request_custody", OFFICERS), request_custody=urgent)
    number = custody_of(town, check)
    given = {**TAKING, "things": things}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "seize_at_once", OFFICERS, given),
        code="taken_before",
    )
    follow(town, number, ("approve", "approver"))
    town.take(number, "seize", OFFICERS, given)
    assert town.case(number).state == "seized"
    assert _sound(town)
