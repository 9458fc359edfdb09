"""Penalties that move a licence (暂扣、吊销): by a real decision, and back if it is quashed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from casework.audit.proof import verify_database
from casework.common.problems import GuardRefused
from casework.common.timekeeping import ZONE
from casework.reading import verify
from tests.support import penalties
from tests.support.journeys import follow, renewal_of, usual
from tests.support.licence_penalties import (
    BACK,
    CANCELLING,
    DECIDED,
    QUASHED,
    SUSPENDING,
    decision_number,
    inputs,
    penalised,
    suspending,
    taking,
)
from tests.support.penalties import OPINION, go
from tests.support.refusals import refused
from tests.support.rules import add_penalty
from tests.support.town import START, Town

pytestmark = pytest.mark.slow

_ELSEWHERE = usual("licence", "cancel")


def _licence(town: Town) -> tuple[str, str]:
    """A granted application, and its licence."""
    granted = town.granted()
    return granted, town.relative(granted, "licence").number


def _suspensible(town: Town) -> None:
    with town.session() as session:
        add_penalty(session, "gc003", "暂扣许可证件")


def _proved(town: Town) -> None:
    with town.session() as session:
        assert not verify_database(session, town.office.versions).faults


def _no(town: Town, licence: str, step: str, given: Any, code: str) -> None:
    refused(town, GuardRefused, lambda: town.take(licence, step, "approver", given), code=code)


def _not_back(town: Town, licence: str, code: str) -> None:
    said = usual("licence", "bring_back")
    refused(
        town,
        GuardRefused,
        lambda: town.take(licence, "bring_back", "approver", said),
        code=code,
        also=("no_remedy_paper",),
    )


def _public(town: Town, licence: str) -> tuple[str, bool]:
    """What the code on the wall says of a licence."""
    with town.session() as session:
        found = verify(town.office, session, town.case(licence).tracking_code)
        return found.state_label, found.stands


def _looked_again(town: Town, penalty: str) -> None:
    go(town, penalty, ("record_performance", "handler1"))
    penalties.correct(town, penalty)


class TestCancelled:
    def test_by_the_decision_and_then_the_case_is_closed(self, town: Town) -> None:
        _, licence = _licence(town)
        penalty = penalised(town, CANCELLING)
        _looked_again(town, penalty)
        closing = penalties.INPUTS["close"]
        refused(
            town,
            GuardRefused,
            lambda: town.take(penalty, "close", "handler1", closing),
            code="licence_not_taken",
        )
        town.take(licence, "cancel", "approver", taking(town, penalty))
        assert town.case(licence).state == "cancelled"
        assert _public(town, licence) == ("已吊销", False)
        go(town, penalty, ("close", "handler1"))
        assert town.case(penalty).state == "closed"
        _no(town, licence, "give_back", BACK, "penalty_stands")
        _proved(town)

    def test_not_by_a_decision_that_is_not_there(self, town: Town) -> None:
        _, licence = _licence(town)
        open_case = penalised(town, CANCELLING, DECIDED)
        given = taking(town, open_case)
        _no(town, licence, "cancel", given, "penalty_not_served")
        invented = {**given, "decision_number": "通卫公罚〔2026〕999号"}
        _no(town, licence, "cancel", invented, "penalty_unknown")
        go(town, open_case, ("serve", "handler1"))
        _no(town, licence, "cancel", {**given, "decided_on": "2026-08-01"}, "decision_day_differs")
        # It is this system's, whatever the form says.
        hidden = {**_ELSEWHERE, "decision_number": given["decision_number"]}
        _no(town, licence, "cancel", hidden, "penalty_is_here")

    def test_not_by_a_decision_of_something_else(self, town: Town) -> None:
        _, licence = _licence(town)
        fined = penalties.penalty_to(town, "served")
        _no(town, licence, "cancel", taking(town, fined), "measure_not_decided")
        elsewhere = penalised(town, CANCELLING, address="南通市崇川区人民中路1999号")
        _no(town, licence, "cancel", taking(town, elsewhere), "penalty_of_another")

    @pytest.mark.parametrize("left_out", ["issuer", "served_on", "verified"])
    def test_one_of_another_authority_is_named_in_full(self, town: Town, left_out: str) -> None:
        _, licence = _licence(town)
        given = {name: value for name, value in _ELSEWHERE.items() if name != left_out}
        _no(town, licence, "cancel", given, "penalty_not_named")
        early = {**_ELSEWHERE, "served_on": "2026-08-01"}
        _no(town, licence, "cancel", early, "service_day_impossible")
        town.take(licence, "cancel", "approver", _ELSEWHERE)
        assert town.case(licence).state == "cancelled"
        town.take(licence, "give_back", "approver", BACK)
        assert town.case(licence).state == "valid"


class TestGivenBack:
    def test_what_was_quashed(self, town: Town) -> None:
        _, licence = _licence(town)
        penalty = penalised(town, CANCELLING)
        town.take(licence, "cancel", "approver", taking(town, penalty))
        go(town, penalty, *QUASHED)
        assert town.case(licence).state == "valid"
        penalties.correct(town, penalty)
        assert _public(town, licence) == ("有效", True)
        _no(town, licence, "cancel", taking(town, penalty), "penalty_undone")
        go(town, penalty, ("close", "handler1"))
        _proved(town)

    def test_what_was_struck_off_only_once_it_was_quashed(self, town: Town) -> None:
        _, licence = _licence(town)
        penalty = penalised(town, CANCELLING)
        town.take(licence, "cancel", "approver", taking(town, penalty))
        ended = {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "许可证已吊销"}
        town.take(licence, "deregister", "approver", ended)
        _not_back(town, licence, "penalty_stands")
        go(town, penalty, *QUASHED)
        # It comes back with what fell, and waits for nobody (行政诉讼法70).
        assert town.case(licence).state == "valid"

    def test_nothing_that_had_expired(self, town: Town) -> None:
        town.time.instant = datetime(2022, 8, 1, 9, tzinfo=ZONE)
        _, licence = _licence(town)
        town.time.instant = START
        town.office.catch_up(town.case(licence).id)
        ended = {"ground": "有效期届满未延续", "reason": "有效期届满"}
        town.take(licence, "deregister", "approver", ended)
        _not_back(town, licence, "licence_expired")

    def test_what_the_authority_undid_itself(self, town: Town) -> None:
        _, licence = _licence(town)
        penalty = penalised(town, CANCELLING)
        town.take(licence, "cancel", "approver", taking(town, penalty))
        go(town, penalty, ("propose_undoing", "handler1"), ("review_undoing", "legal"))
        _no(town, licence, "give_back", BACK, "penalty_stands")
        go(town, penalty, ("undo_decision", "approver"))
        assert town.case(licence).state == "valid"

    def test_not_where_another_licence_stands_by_now(self, town: Town) -> None:
        granted, licence = _licence(town)
        follow(town, granted, ("deliver", "window"))
        town.take(licence, "cancel", "approver", _ELSEWHERE)
        other = town.licence_of(town.granted())["number"]
        problem = refused(
            town,
            GuardRefused,
            lambda: town.take(licence, "give_back", "approver", BACK),
            code="place_licensed",
        )
        assert other in problem.extra["reasons"][0]["text"]

    def test_a_suspension_is_lifted(self, town: Town) -> None:
        _suspensible(town)
        _, licence = _licence(town)
        penalty = penalised(town, SUSPENDING)
        town.take(licence, "suspend", "approver", suspending(town, penalty))
        _no(town, licence, "lift_suspension", BACK, "penalty_stands")
        go(town, penalty, *QUASHED)
        assert _public(town, licence) == ("有效", True)


class TestSuspended:
    def test_for_the_days_decided_and_no_longer(self, town: Town) -> None:
        _suspensible(town)
        granted, licence = _licence(town)
        until = town.licence_of(granted)["valid_until"]
        penalty = penalised(town, SUSPENDING)
        _looked_again(town, penalty)
        closing = penalties.INPUTS["close"]
        refused(
            town,
            GuardRefused,
            lambda: town.take(penalty, "close", "handler1", closing),
            code="licence_not_taken",
        )
        short = suspending(town, penalty, days=20)
        _no(town, licence, "suspend", short, "suspension_differs")
        # Served on 1 September, which is not counted: the last of thirty days is 1 October.
        day_less = suspending(town, penalty, until="2026-09-30")
        _no(town, licence, "suspend", day_less, "suspension_end_differs")
        town.take(licence, "suspend", "approver", suspending(town, penalty, until="2026-10-01"))
        assert town.case(licence).tracks == {"suspension": "suspended"}
        assert _public(town, licence) == ("暂扣中", False)
        go(town, penalty, ("close", "handler1"))
        town.time.go_to(town.time.now().date() + timedelta(days=30))
        town.office.catch_up(town.case(licence).id)
        assert _public(town, licence) == ("暂扣中", False)
        town.time.pass_(days=1)
        # Even before the sweep has been, the public is told right.
        assert _public(town, licence) == ("有效", True)
        town.office.catch_up(town.case(licence).id)
        assert town.case(licence).tracks == {"suspension": "not_suspended"}
        assert town.licence_of(granted)["valid_until"] == until
        _proved(town)

    def test_its_renewal_is_filed_while_it_is_suspended(self, town: Town) -> None:
        """暂扣 ends no licence (处罚法9): its renewal is asked for in time all the same."""
        _suspensible(town)
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
        granted, licence = _licence(town)
        town.time.instant = START
        town.office.catch_up(town.case(licence).id)
        penalty = penalised(town, SUSPENDING)
        town.take(licence, "suspend", "approver", suspending(town, penalty))
        renewal = renewal_of(town, granted)
        looked = (("check_site", "reviewer+inspector1"), ("grant", "approver"))
        follow(town, renewal, ("submit", "applicant"), ("accept", "window"), *looked)
        assert town.case(licence).state == "valid"
        assert town.licence_of(granted)["valid_until"] == "2030-10-19"
        # What was granted does not end the suspension.
        assert _public(town, licence) == ("暂扣中", False)
        _proved(town)

    def test_it_is_not_renewed_before_its_end_is_near(self, town: Town) -> None:
        _suspensible(town)
        granted, licence = _licence(town)
        penalty = penalised(town, SUSPENDING)
        town.take(licence, "suspend", "approver", suspending(town, penalty))
        asked = renewal_of(town, granted)
        refused(
            town,
            GuardRefused,
            lambda: follow(town, asked, ("submit", "applicant")),
            code="licence_not_expiring",
        )

    def test_a_renewal_that_was_filed_before_goes_on(self, town: Town) -> None:
        _suspensible(town)
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
        granted, licence = _licence(town)
        town.time.instant = START
        town.office.catch_up(town.case(licence).id)
        renewal = renewal_of(town, granted)
        follow(town, renewal, ("submit", "applicant"), ("accept", "window"))
        penalty = penalised(town, SUSPENDING)
        town.take(licence, "suspend", "approver", suspending(town, penalty))
        looked = (("check_site", "reviewer+inspector1"), ("grant", "approver"))
        follow(town, renewal, *looked)
        assert town.case(licence).state == "valid"
        assert _public(town, licence) == ("暂扣中", False)
        _proved(town)

    def test_it_expires_all_the_same(self, town: Town) -> None:
        _suspensible(town)
        town.time.instant = datetime(2022, 9, 20, 9, 0, tzinfo=ZONE)
        _, licence = _licence(town)
        town.time.instant = START
        town.office.catch_up(town.case(licence).id)
        assert town.case(licence).state == "expiring"
        penalty = penalised(town, SUSPENDING)
        town.take(licence, "suspend", "approver", suspending(town, penalty))
        assert town.case(licence).state == "expiring"
        town.time.pass_(days=25)
        town.office.catch_up(town.case(licence).id)
        assert town.case(licence).state == "expired"
        assert town.case(licence).tracks == {}
        assert _public(town, licence) == ("过期", False)

    def test_a_decision_says_for_how_long(self, town: Town) -> None:
        _suspensible(town)
        number = penalties.open_lead(town, violation="GC003")
        endless = inputs({**SUSPENDING, "days": 0})
        go(town, number, *OPINION[:-1])
        given = penalties.inputs_of(town, number, "propose", endless)
        refused(
            town,
            GuardRefused,
            lambda: town.take(number, "propose", "handler1+handler2", given),
            code="term_missing",
        )


def test_a_number_is_read_without_the_spaces_around_it(town: Town) -> None:
    _, licence = _licence(town)
    penalty = penalised(town, CANCELLING)
    given = taking(town, penalty, decision_number=f" {decision_number(town, penalty)} ")
    town.take(licence, "cancel", "approver", given)
    assert town.case(licence).state == "cancelled"
