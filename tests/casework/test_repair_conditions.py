"""When a repair may be applied for (信用修复的条件), and how long a record may be objected to."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from casework.common.problems import GuardRefused, StepNotOfState
from casework.common.timekeeping import ZONE
from casework.operations.sweeps import fire_due_clocks
from tests.support.journeys import usual
from tests.support.refusals import refused
from tests.support.small_record import published, repair_of
from tests.support.town import Town

pytestmark = pytest.mark.slow


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


def test_what_has_run_out_is_not_objected_to_any_more(town: Town) -> None:
    town.time.instant = datetime(2023, 9, 4, 9, 0, tzinfo=ZONE)
    town.broken(town.granted())
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
