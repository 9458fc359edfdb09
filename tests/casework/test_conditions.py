"""What the law does not allow is refused with the article, and allowed once the law allows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework.common.database import engine_for
from casework.common.problems import BadDate, GuardRefused, NotAllowed, StepNotOfState
from casework.common.timekeeping import ZONE, legal_date
from casework.duties.due_clocks import fire_due_clocks
from casework.models import (
    CreditEvent,
    CreditMark,
    Document,
    Mandate,
    ProcessVersion,
)
from casework.parts.credit_file import file_of, unrepaired
from tests.support.exemptions import HANDLERS
from tests.support.journeys import (
    apply_to,
    change_of,
    check_to,
    follow,
    told_before,
    usual,
)
from tests.support.penalties import (
    CLOSURE,
    HEAVY,
    NOTIFIED,
    OPINION,
    SERVED,
    UNDOING,
    WARNED,
    WARNING,
    decision,
    fine,
    go,
    inputs_of,
    open_lead,
    penalty_to,
    sentence,
)
from tests.support.people import appoint, empower, newcomer
from tests.support.refusals import refused
from tests.support.rules import set_key
from tests.support.serving import TRY
from tests.support.small_record import published, repair_of
from tests.support.town import NOTICE, Town, answers, look, promise

HERE = "南通市崇川区人民中路88号"


def test_an_agent_who_may_not_promise(town: Town) -> None:
    number = apply_to(town, "informed", HERE)
    empower(town, newcomer(town, "agent"), "91440300708461136T", "agent", ["file"])
    town.take(number, "study", "agent", answers())
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "commit", "agent", {**promise(), "signer": "新agent"}),
        code="not_empowered",
        law="《民法典》第一百六十五条",
    )
    with town.session() as session:
        session.execute(
            update(Mandate).where(Mandate.capacity == "agent").values(scope=["file", "promise"])
        )
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "commit", "agent", promise()),
        code="signed_by_other",
        law="《民法典》第一百六十五条",
    )
    town.take(number, "commit", "agent", {**promise(), "signer": town.people["agent"].name})


def test_an_agent_who_may_only_receive(town: Town) -> None:
    number = apply_to(town, "informed", HERE)
    empower(town, newcomer(town, "agent"), "91440300708461136T", "agent", ["receive"])
    law = "《民法典》第一百六十五条"
    elsewhere = "南通市崇川区濠南路2号"
    refused(town, NotAllowed, lambda: town.apply(by="agent", address=elsewhere), law=law)
    for step in ("decline", "withdraw"):
        given = usual("instant_licence", step)
        refused(
            town, NotAllowed, lambda step=step, given=given: town.take(number, step, "agent", given)
        )


@pytest.mark.parametrize("scopes", [(["file"], ["file", "promise"]), (["file", "promise"], [])])
def test_of_several_mandates_the_widest_counts(town: Town, scopes: tuple[list[str], ...]) -> None:
    newcomer(town, "agent")
    for scope in scopes:
        empower(town, "agent", "91440300708461136T", "agent", scope)
    town.committed(by="agent")


def test_nobody_decides_for_a_party_of_their_own(town: Town) -> None:
    number = apply_to(town, "received", HERE)
    empower(town, "window", "91440300708461136T", "agent", ["receive"])
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "accept", "window"),
        code="own_case",
        law="《公务员法》第七十六条",
    )
    town.take(number, "accept", appoint(town, newcomer(town, "colleague"), "window_clerk"))


@pytest.mark.slow
def test_a_revocation_bears_the_day_of_its_entry(town: Town) -> None:
    town.time.instant -= timedelta(days=1370)  # four years before, but ninety days
    number = town.granted()
    check = check_to(town, number, "legal_review")
    follow(town, check, ("pass_review", "legal"))
    licence = town.relative(number, "licence")
    town.time.go_to(date(2026, 9, 20))
    town.office.catch_up(licence.id)
    assert town.case(licence.number).state == "expiring"

    def revoke(on: date | None = None) -> None:
        town.take(check, "revoke", "approver", NOTICE, effective_at=on)

    refused(town, GuardRefused, lambda: revoke(date(2026, 7, 1)), code="day_of_entry")
    revoke()
    assert legal_date(town.case(licence.number).effective_at) == date(2026, 9, 20)


def test_a_delivery_is_not_dated_before_what_the_licence_went_through(town: Town) -> None:
    number = town.granted()
    change = change_of(town, number)
    follow(town, change, ("submit", "applicant"), ("accept", "window"), ("reissue", "window"))
    licence = town.relative(number, "licence").number
    town.time.pass_(days=2)
    follow(town, licence, *told_before("reviewer"), ("withdraw_by_authority", "approver"))
    town.time.pass_(days=1)

    problem = refused(
        town,
        BadDate,
        lambda: town.take(
            change, "deliver", "window", {"recipient": "陈志远"}, effective_at=date(2026, 9, 2)
        ),
    )
    assert licence in problem.detail


@pytest.mark.slow
@pytest.mark.parametrize("decided", ["revoke", "record_breach"])
def test_a_firm_that_broke_its_promise_may_not_promise_again(town: Town, decided: str) -> None:
    if decided == "revoke":
        check_to(town, town.granted(), "revocation_served")
    else:
        town.breached(town.granted())
    again = apply_to(town, "informed", "南通市崇川区濠南路2号")
    town.take(again, "study", "applicant", answers())
    refused(
        town,
        GuardRefused,
        lambda: town.take(again, "commit", "applicant", promise()),
        code="promise_barred",
        law="国办发〔2020〕42号",
    )
    other = town.committed(by="applicant2", address="南通市崇川区濠南路3号")
    assert town.case(other).state == "committed"
    town.take(again, "decline", "applicant")


@pytest.mark.slow
def test_a_breach_bars_from_its_service_on_or_as_nobody_could_enter_that(town: Town) -> None:
    check = town.reviewed(town.granted())
    town.take(check.number, "record_breach", "approver", {**NOTICE, "spared_because": "已改正"})
    row = town.case(check.number)
    with town.session() as session:  # as a former version of that step wrote it down by itself
        session.add(
            CreditEvent(
                party_id=row.party_id,
                case_id=row.id,
                log_seq=row.head_seq,
                kind="promise_broken",
                label="未履行承诺",
                occurred_on=legal_date(town.time.now()),
                bars_promise=True,
            )
        )

    def bars() -> tuple[str, ...]:
        with town.session() as session:
            rules = town.office.rules.current(session)
            return unrepaired(file_of(session, rules, row.party_id, legal_date(town.time.now())))

    assert bars() == ()
    later = town.time.now() + timedelta(days=1)
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        known = update(ProcessVersion).where(ProcessVersion.process == "commitment_check")
        connection.execute(known.values(published_at=later))
    owner.dispose()
    assert bars() == ("未履行承诺",)


@pytest.mark.slow
@pytest.mark.parametrize("restores", [True, False])
def test_a_repaired_record_opens_the_promise_again_unless_a_revocation_bars_it(
    town: Town, restores: bool
) -> None:
    check_to(town, town.granted(), "revocation_served")
    with town.session() as session:
        for event in session.scalars(select(CreditEvent)).all():
            session.add(
                CreditMark(
                    event_id=event.id,
                    case_id=event.case_id,
                    log_seq=event.log_seq,
                    kind="repaired",
                    marked_on=legal_date(town.time.now()),
                )
            )
        if not restores:
            set_key(session, "licensing.repair_restores_promise_route", value=False)
    again = apply_to(town, "informed", "南通市崇川区濠南路2号")
    town.take(again, "study", "applicant", answers())
    if restores:
        town.take(again, "commit", "applicant", promise())
    else:
        refused(
            town,
            GuardRefused,
            lambda: town.take(again, "commit", "applicant", promise()),
            code="promise_barred",
            law="国办发〔2020〕42号",
        )


def test_a_window_without_delegation_does_not_grant(town: Town) -> None:
    number = town.committed()
    with town.session() as session:
        set_key(session, "licensing.window_may_grant", value=False)
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "grant", "window"),
        code="not_delegated",
        law="《行政许可法》",
    )
    town.take(number, "grant", "approver")


@pytest.mark.parametrize("step", ["accept", "grant"])
def test_materials_missing(town: Town, step: str) -> None:
    number = town.apply()
    town.attach(number, "application_form", "plans")
    town.take(number, "submit", "applicant")
    if step == "grant":  # the law accepts what the window let lie, complete or not
        town.time.pass_(days=20)
        town.office.catch_up(town.case(number).id)
        town.take(number, "inform", "window")
        town.take(number, "study", "applicant", answers())
        town.take(number, "commit", "applicant", promise())
    for by in {"accept": ["window"], "grant": ["window", "approver"]}[step]:
        problem = refused(
            town,
            GuardRefused,
            lambda by=by: town.take(number, step, by),
            code="materials_missing",
            law="《行政许可法》第三十二条",
        )
        assert "公共场所卫生检测或者评价报告" in problem.detail
        assert "平面" not in problem.detail


def test_a_supplement_that_is_not_whole(town: Town) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    asked = [{"material": m, "what": "请重新提交"} for m in ("plans", "identity")]
    town.time.pass_(hours=1)
    town.take(number, "request_supplement", "window", {"items": asked})
    town.time.pass_(hours=1)
    town.attach(number, "plans")
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "supply", "applicant"),
        code="supplement_incomplete",
        law="第三十二条",
    )
    assert "身份证明" in problem.detail
    assert "平面" not in problem.detail
    town.attach(number, "identity")
    town.take(number, "supply", "applicant")


def test_a_supplement_of_something_that_is_on_no_list(town: Town) -> None:
    number = apply_to(town, "received", HERE)
    asked = {"items": [{"material": "消防验收意见", "what": "请提交"}]}
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(number, "request_supplement", "window", asked),
        code="supplement_beyond_list",
        law="第三十一条",
    )
    assert "消防验收意见" in problem.detail


@pytest.mark.parametrize("kind", ["bookshop", "restaurant", "park"])
def test_a_place_that_needs_no_such_licence(town: Town, kind: str) -> None:
    number = town.apply(place_kind=kind)
    town.attach(number)
    town.take(number, "submit", "applicant")
    problem = refused(
        town, GuardRefused, lambda: town.take(number, "accept", "window"), code="no_licence_needed"
    )
    assert problem.law
    # Let lie, it counts as accepted; but nothing can be granted on it.
    town.time.pass_(days=20)
    follow(town, number, ("inform", "window"), ("study", "applicant"), ("commit", "applicant"))
    refused(
        town, GuardRefused, lambda: town.take(number, "grant", "approver"), code="no_licence_needed"
    )


def test_the_same_application_twice_for_one_place(town: Town) -> None:
    first = apply_to(town, "received", HERE)
    for spelling in (HERE, f"  {HERE}。", HERE.replace("88", "８８")):
        again = town.apply(address=spelling)
        problem = refused(
            town,
            GuardRefused,
            lambda again=again: town.take(again, "submit", "applicant"),
            code="place_applied",
            law="第二十二条",
        )
        assert first in problem.detail
    follow(town, first, ("withdraw", "applicant"))
    town.take(again, "submit", "applicant")


@pytest.mark.slow
def test_an_application_for_a_place_that_has_its_licence(town: Town) -> None:
    first = town.granted(address=HERE)
    town.take(first, "deliver", "window", {"recipient": "陈志远"})
    again = town.apply(by="applicant2", address=HERE)
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(again, "submit", "applicant2"),
        code="place_licensed",
        law="第二十二条",
    )
    assert "许可" in problem.detail
    check_to(town, first, "revoked")
    town.take(again, "submit", "applicant2")


def test_a_grant_without_promise_needs_a_site_check_that_finds_all_met(town: Town) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "grant", "approver"),
        code="site_check_missing",
        law="第三十四条",
    )
    town.take(number, "check_site", "reviewer+inspector1", look(met=False))
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "grant", "approver"),
        code="conditions_unmet",
        law="第三十八条",
    )
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    town.take(number, "grant", "approver")


def test_a_promise_taken_back_no_longer_carries_a_grant(town: Town) -> None:
    number = town.committed()
    town.take(number, "withdraw_commitment", "applicant", {"reason": "检测未完成"})
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "grant", "approver"),
        code="site_check_missing",
        law="第三十四条",
    )


def test_a_decision_is_extended_once_and_in_time(town: Town) -> None:
    article = "《行政许可法》第四十二条第一款"
    number = apply_to(town, "ordinary_review", HERE)
    late = apply_to(town, "ordinary_review", "南通市崇川区濠南路5号")
    follow(town, number, ("extend_decision", "approver"))

    def extend(case: str, on: date | None = None) -> None:
        given = {"reason": "案情复杂"}
        town.take(case, "extend_decision", "approver", given, effective_at=on)

    refused(town, GuardRefused, lambda: extend(number), code="extended_before", law=article)
    in_time = legal_date(town.time.now()) + timedelta(days=1)
    town.time.pass_(days=60)
    town.office.catch_up(town.case(late).id)
    refused(town, GuardRefused, lambda: extend(late), code="limit_over", law=article)
    # Nor is it told afterwards as if it had been in time.
    refused(town, GuardRefused, lambda: extend(late, in_time), code="day_of_entry")


@pytest.mark.parametrize(
    ("until", "also"), [("2026-08-31", ()), ("2027-09-03", ("pause_too_long",))]
)
def test_a_pause_that_ends_before_it_began_or_never(
    town: Town, until: str, also: tuple[str, ...]
) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    given = {**usual("instant_licence", "pause"), "expected_until": until}
    refused(
        town,
        GuardRefused,
        lambda: town.take(number, "pause", "reviewer", given),
        code="pause_end_wrong",
        law="《行政许可法》第四十五条",
        also=also,
    )


def test_pauses_together_take_no_longer_than_the_law_of_the_house_has_it(town: Town) -> None:
    """It may end on the day on which it began; all of them come to 180 days at most."""
    number = apply_to(town, "ordinary_review", HERE)

    def pause(until: str) -> None:
        given = {**usual("instant_licence", "pause"), "expected_until": until}
        town.take(number, "pause", "reviewer", given)

    pause("2026-09-01")
    town.take(number, "resume", "reviewer")
    article = "《行政许可法》第四十二条"
    last = "2027-02-26"  # 179 days more, that of today among them
    refused(town, GuardRefused, lambda: pause("2027-02-27"), code="pause_too_long", law=article)
    pause(last)
    town.time.go_to(date(2027, 2, 27))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "ordinary_review"
    problem = refused(
        town, GuardRefused, lambda: pause("2027-02-27"), code="pause_too_long", law=article
    )
    assert "不能再次中止" in problem.detail


def test_nobody_is_out_of_reach_before_three_tries(town: Town) -> None:
    check = check_to(town, town.granted(), "assigned")
    tries = ["9月2日电话无人接听", "9月3日上门无人"]
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "record_unreachable", "inspector1", {"tries": tries}),
        code="too_few_tries",
    )
    with town.session() as session:
        set_key(session, "check.unreachable_attempts", value=2)
    town.take(check, "record_unreachable", "inspector1+inspector2", {"tries": tries})


def test_only_assigned_officers_handle_a_check(town: Town) -> None:
    number = town.granted()
    check = town.relative(number, "check").number
    town.take(check, "assign", "supervisor", {"inspectors": ["inspector1", "inspector2"]})
    town.take(check, "inspect", "inspector1+inspector2", look(met=False))
    stranger = appoint(town, newcomer(town, "stranger"), "inspector")
    for step in ("order_rectification", "find_false", "find_kept"):
        problem = refused(town, GuardRefused, lambda step=step: _take(town, check, step, stranger))
        assert "not_assigned" in [reason["code"] for reason in problem.extra["reasons"]]
        assert "第四十二条" in problem.law


@pytest.mark.parametrize(
    ("state", "step", "by"),
    [
        ("assigned", "inspect", "inspector"),
        ("assigned", "record_unreachable", "inspector"),
        ("rectification_ordered", "recheck", "inspector"),
        ("rechecked", "find_broken", "inspector"),
        ("false_commitment", "notify_revocation", "inspector"),
        ("revocation_notified", "submit_review", "inspector"),
    ],
)
def test_an_officer_who_was_not_assigned_takes_no_step(
    town: Town, state: str, step: str, by: str
) -> None:
    check = check_to(town, town.granted(), state)
    if step == "submit_review":
        follow(town, check, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    stranger = appoint(town, newcomer(town, "stranger"), "inspector")
    refused(
        town,
        GuardRefused,
        lambda: _take(town, check, step, stranger),
        code="not_assigned",
        law="《行政处罚法》第四十二条",
    )


@pytest.mark.slow
def test_findings_bind_what_follows(town: Town) -> None:
    kept = town.relative(town.granted(address=HERE), "check").number
    broken = town.relative(town.granted(address="南通市崇川区濠南路4号"), "check").number
    for check, met in ((kept, True), (broken, False)):
        follow(town, check, ("assign", "supervisor"))
        town.take(check, "inspect", "inspector1+inspector2", look(met=met))
    for step in ("order_rectification", "find_false"):
        refused(
            town,
            GuardRefused,
            lambda step=step: _take(town, kept, step, "inspector1"),
            code="all_kept",
            law="国办发〔2020〕42号",
        )
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(broken, "find_kept", "inspector1+inspector2"),
        code="clauses_broken",
        law="国办发〔2020〕42号",
    )
    assert "室内空气质量" in problem.detail
    follow(town, broken, ("order_rectification", "inspector1"))
    town.take(broken, "recheck", "inspector1+inspector2", look(met=True))
    refused(
        town,
        GuardRefused,
        lambda: _take(town, broken, "find_broken", "inspector1"),
        code="all_kept",
    )
    town.take(broken, "find_kept", "inspector1+inspector2")


def test_the_defence_must_have_been_possible(town: Town) -> None:
    check = check_to(town, town.granted(), "revocation_notified")
    follow(town, check, ("serve_notice", "inspector1"))
    given = {"defence_considered": "未提出"}

    def submit() -> None:
        town.take(check, "submit_review", "inspector1", given)

    due = date(2026, 9, 8)  # five working days
    problem = refused(
        town, GuardRefused, submit, code="defence_pending", law="《行政许可法》第七条"
    )
    assert f"{due:%Y-%m-%d}" in problem.detail
    town.time.go_to(due, 23)
    refused(town, GuardRefused, submit, code="defence_pending")
    town.time.go_to(due + timedelta(days=1), 1)
    submit()


@pytest.mark.parametrize("step", ["state_defence", "waive_defence"])
def test_only_a_party_that_waived_is_not_waited_for(town: Town, step: str) -> None:
    check = check_to(town, town.granted(), "revocation_notified")
    follow(town, check, ("serve_notice", "inspector1"), (step, "applicant"))

    def submit() -> None:
        given = {"defence_considered": "不予采纳"}
        town.take(check, "submit_review", "inspector1", given)

    refused(
        town,
        GuardRefused,
        submit,
        code="hearing_pending",
        law="《行政许可法》第四十六条",
    )
    follow(town, check, ("waive_hearing", "applicant"))
    if step == "state_defence":  # which leaves its time as it is
        refused(town, GuardRefused, submit, code="party_time_pending", law="《行政许可法》第七条")
        follow(town, check, ("waive_defence", "applicant"))
    submit()
    assert town.case(check).state == "legal_review"


@pytest.mark.slow
def test_no_revocation_without_review_nor_of_anything_else_than_was_reviewed(town: Town) -> None:
    check = check_to(town, town.granted(), "legal_review")
    refused(town, StepNotOfState, lambda: town.take(check, "revoke", "approver", NOTICE))
    follow(town, check, ("pass_review", "legal"))
    for part in ("facts", "basis", "reasons"):
        refused(
            town,
            GuardRefused,
            lambda part=part: town.take(
                check, "revoke", "approver", {**NOTICE, part: NOTICE[part] + "。"}
            ),
            code="notice_differs",
            law="《行政许可法》第七条",
        )
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "revoke", "approver", {**NOTICE, "major_public_harm": True}),
        code="public_harm",
        law="《行政许可法》第六十九条第三款",
    )
    refused(town, StepNotOfState, lambda: _take(town, check, "pass_review", "legal"))
    town.take(check, "revoke", "approver", NOTICE)


def test_a_review_returned_is_no_pass(town: Town) -> None:
    check = check_to(town, town.granted(), "review_returned")
    follow(town, check, ("submit_review", "inspector1"))
    refused(town, StepNotOfState, lambda: town.take(check, "revoke", "approver", NOTICE))


def test_a_new_notice_after_the_review_gives_a_new_defence_and_binds_the_decision(
    town: Town,
) -> None:
    check = check_to(town, town.granted(), "review_returned")
    anew = {**NOTICE, "facts": "复查时室内空气质量和公共用品用具两项仍不符合承诺"}
    town.take(check, "notify_revocation", "inspector1+inspector2", anew)
    follow(town, check, ("serve_notice", "inspector1"))
    refused(
        town,
        GuardRefused,
        lambda: _take(town, check, "submit_review", "inspector1"),
        code="defence_pending",
    )
    follow(town, check, ("state_defence", "applicant"), ("waive_hearing", "applicant"))
    # The waiver of before was of the notice of before.
    refused(
        town,
        GuardRefused,
        lambda: _take(town, check, "submit_review", "inspector1"),
        code="party_time_pending",
    )
    town.time.pass_(days=10)
    follow(town, check, ("submit_review", "inspector1"), ("pass_review", "legal"))
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "revoke", "approver", NOTICE),
        code="notice_differs",
    )
    town.take(check, "revoke", "approver", anew)
    with town.session() as session:
        notices = session.scalars(
            select(Document)
            .where(Document.case_id == town.case(check).id, Document.key == "revocation_notice")
            .order_by(Document.id)
        ).all()
    assert len({one.number for one in notices}) == 2


def _take(town: Town, number: str, step: str, by: str) -> Any:
    return town.take(number, step, by, usual(town.case(number).process, step))


# -- of a penalty, where nothing else says it ------------------------------------------------------


_REVIEWED = (("submit_review", "handler1"), ("pass_review", "legal"))
_VOTED = (*(("vote", head) for head in ("head1", "head2", "head3")), ("conclude_panel", "approver"))


@pytest.fixture(scope="module")
def taken(module_town: Town) -> Town:
    """A town that all of these share: what is refused moves nothing."""
    return module_town


def _refused(town: Town, number: str, step: str, by: str, code: str, **given: Any) -> None:
    """It is refused for that reason, maybe among others."""
    said = {**inputs_of(town, number, step, {}), **given}
    problem = refused(town, GuardRefused, lambda: town.take(number, step, by, said))
    assert code in [reason["code"] for reason in problem.extra["reasons"]], problem.detail


def _proposed(town: Town, number: str, said: dict[str, Any], code: str) -> None:
    _refused(town, number, "propose", HANDLERS, code, **said)


@pytest.mark.slow
def test_a_sentence_says_what_it_rests_on(taken: Town) -> None:
    number = penalty_to(taken, "investigated")
    _proposed(taken, number, sentence(stage="grave"), "no_fine_at_this_stage")
    harm = {"aggravations": ["造成较重危害后果"], "circumstances": ""}
    heavier = sentence(WARNING, fine("1800.00"), weight="heavier", **harm)
    _proposed(taken, number, heavier, "circumstances_not_told")
    lighter = sentence(WARNING, fine("300.00"), weight="lighter")
    _proposed(taken, number, lighter, "weight_without_reason")


@pytest.mark.slow
def test_a_record_is_of_the_class_of_its_gravest_measure(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *NOTIFIED, ("waive_hearing", "applicant"), **HEAVY)
    go(taken, number, ("waive_defence", "applicant"), ("reconsider", "handler1"), **HEAVY)
    go(taken, number, *_REVIEWED, *_VOTED)
    said = HEAVY["decide"]
    milder = {**said, "publicity": "general"}
    _refused(taken, number, "decide", "approver", "publicity_class_wrong", **milder)
    hidden = {**said, "shown": False}
    _refused(taken, number, "decide", "approver", "publicity_wrong", **hidden)


@pytest.mark.slow
def test_a_hearing_is_asked_for_by_those_who_were_told_of_one(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *NOTIFIED)
    _refused(taken, number, "request_hearing", "applicant", "no_hearing_right")
    heavy = open_lead(taken)
    go(taken, heavy, *NOTIFIED, **HEAVY)
    go(taken, heavy, ("waive_hearing", "applicant"))
    _refused(taken, heavy, "request_hearing", "applicant", "hearing_waived")


@pytest.mark.slow
def test_where_nothing_is_owed_nothing_is_paid_put_off_or_urged(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *SERVED, **WARNED)
    _refused(taken, number, "ask_for_time", "applicant", "nothing_owed")


@pytest.mark.slow
def test_performance_is_not_put_down_where_a_fine_is_owed(taken: Town) -> None:
    number = penalty_to(taken, "served")
    _refused(taken, number, "record_performance", "handler1", "still_owed")


@pytest.mark.slow
def test_a_decision_is_undone_and_not_changed(taken: Town) -> None:
    number = penalty_to(taken, "served")
    changed = {**UNDOING, "kind": "变更", "instead": "罚款变更为六百元"}
    go(taken, number, ("propose_undoing", "handler1"), propose_undoing=changed)
    go(taken, number, ("review_undoing", "legal"))
    _refused(taken, number, "undo_decision", "approver", "penalty_not_changed", **changed)


@pytest.mark.slow
def test_papers_are_served_when_they_are_there(taken: Town) -> None:
    number = penalty_to(taken, "decided")
    day = taken.time.now().date()
    taken.time.pass_(days=3)
    for way in ("直接送达", "邮寄送达"):
        tried = {**TRY, "way": way, "on": (day + timedelta(days=3)).isoformat()}
        taken.take(number, "record_try", "handler1", tried)
    before = {"published_on": (day + timedelta(days=1)).isoformat()}
    _refused(taken, number, "announce", "handler1", "announced_too_early", **before)


@pytest.mark.slow
def test_an_opinion_that_is_not_punishing_needs_no_notice(taken: Town) -> None:
    number = open_lead(taken)
    go(taken, number, *OPINION, ("release", "approver"))
    assert taken.case(number).state == "not_punished"


@pytest.mark.slow
def test_a_heavy_penalty_is_never_decided_without_its_review(taken: Town) -> None:
    """Whatever is left out of the way of a heavy case, the decision is refused for it."""
    number = open_lead(taken)
    go(taken, number, *NOTIFIED, **HEAVY)
    go(taken, number, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    go(
        taken,
        number,
        ("reconsider", "handler1"),
        reconsider={**HEAVY["reconsider"], "complex_case": True},
    )
    _refused(taken, number, "forgo_review", "handler1", "review_compulsory")
    go(taken, number, *_REVIEWED)
    _refused(taken, number, "forgo_panel", "approver", "panel_compulsory")
    go(taken, number, *_VOTED)
    heavier = decision(WARNING, fine(), {**CLOSURE, "days": 20}, publicity="serious")
    _refused(taken, number, "decide", "approver", "notice_heavier", **heavier)


# -- of a repair, and of an objection --------------------------------------------------------------


@pytest.mark.slow
def test_each_record_keeps_its_own_term_and_none_is_repaired_before(town: Town) -> None:
    published(town)
    # Decided on 1 September 2026, under 令36: 一般 three months, 严重 one year.
    general, serious = repair_of(town, "general"), repair_of(town, "serious")
    for last, still in ((date(2026, 12, 1), general), (date(2027, 9, 1), serious)):
        town.time.go_to(last)
        fire_due_clocks(town.office)
        for number in {still, serious}:
            refused(
                town,
                StepNotOfState,
                lambda: town.take(number, "apply", "applicant", usual("", "apply")),  # noqa: B023
            )
        town.time.pass_(days=1)
        fire_due_clocks(town.office)
        assert town.case(still).state == "eligible"
    town.take(serious, "apply", "applicant", usual("", "apply"))


@pytest.mark.slow
def test_nobody_applies_with_the_fine_unpaid_or_unproved(town: Town) -> None:
    published(town)
    number = repair_of(town, "general", "缴纳罚款1000元")
    town.time.go_to(date(2026, 12, 2))
    fire_due_clocks(town.office)

    def apply() -> object:
        return town.take(number, "apply", "applicant", usual("", "apply"))

    problem = refused(town, GuardRefused, apply, code="obligation_outstanding")
    assert "缴纳罚款1000元" in problem.detail
    refused(
        town,
        GuardRefused,
        lambda: town.take(
            number, "file_nationally", "applicant", usual("credit_repair", "file_nationally")
        ),
        code="obligation_outstanding",
    )
    paid = {"proof": "缴款书第12号", "performed_on": "2026-10-08"}
    town.take(number, "record_performance", "credit", paid)
    refused(town, GuardRefused, apply, code="performance_unproved")
    town.attach(number, "performance_proof")
    apply()
    assert town.case(number).state == "applied"


@pytest.mark.slow
def test_what_has_run_out_is_not_objected_to_any_more(town: Town) -> None:
    town.time.instant = datetime(2023, 9, 4, 9, 0, tzinfo=ZONE)
    town.breached(town.granted())
    found_on = town.time.now().date()
    in_time, too_late = town.object(), town.object()
    # It counts for 36 months, its last day included.
    town.time.go_to(found_on.replace(year=found_on.year + 3))
    town.take(in_time, "file_objection", "applicant")
    town.time.pass_(days=1)
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(too_late, "file_objection", "applicant"),
        code="item_ended",
        law="第三十九条",
    )
    assert "已过有效期" in problem.detail
