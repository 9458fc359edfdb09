"""Stops that an authority might let last (中止): each ends when the party was told that it does, in
cases of older versions too, over HTTP; and what an end without a decision rests on."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_database
from casework.duties.due_clocks import fire_due_clocks
from casework.models import CaseClock
from casework.rules.versions import VersionCache
from state_machines.language.canonical import digest, from_json, to_json
from state_machines.language.vocabulary import Clock, Escalate, Process, Role, Step
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from state_machines.radiation.one_matter.process import ONE_MATTER
from tests.support.desk import Desk
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import PAUSE, address, apply_to, change_of, follow, joint_to, usual
from tests.support.penalties import OPINION
from tests.support.signed import pdf
from tests.support.town import Town

pytestmark = pytest.mark.slow

UNTIL, AFTER = date(2026, 9, 15), date(2026, 9, 16)
LETTER = "commission_letter"
ENDED = {"ground": "申请人依法终止", "evidence": "注销登记证明"}


@pytest.fixture
def front(town: Town) -> Front:
    return Front(town)


def _without(step: Step) -> Step:
    by = tuple(role for role in step.by if step.name != "resume" or role is not Role.TIMER)
    if step.name.startswith("resume_"):
        by = tuple(role for role in step.by if role is not Role.TIMER)
    return replace(step, by=by)


def _told_only(process: Process) -> Process:
    """As it was: of the end of a review somebody was told, and the limit rested on."""

    def clock(one: Clock) -> Clock:
        return replace(
            one,
            on_expiry=Escalate(Role.REVIEWER, "promise") if one.in_every_version else one.on_expiry,
            stops=tuple(replace(stop, end_told=False) for stop in one.stops),
            in_every_version=False,
        )

    return replace(
        process,
        steps=tuple(map(_without, process.steps)),
        clocks=tuple(map(clock, process.clocks)),
        tracks=tuple(
            replace(
                track,
                steps=tuple(map(_without, track.steps)),
                clocks=tuple(map(clock, track.clocks)),
            )
            for track in process.tracks
        ),
    )


TOLD_ONLY = {one.key: _told_only(one) for one in (INSTANT_LICENCE, ONE_MATTER)}


def _run(town: Town, number: str, clock: str) -> CaseClock:
    with town.session() as session:
        found = select(CaseClock).where(
            CaseClock.case_id == town.case(number).id, CaseClock.name == clock
        )
        return session.scalars(found.order_by(CaseClock.run.desc())).first()


def _sound(town: Town) -> None:
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def _release_before(town: Town, key: str, until: date) -> None:
    """Let time go by under a release that knows nothing of what binds every version."""
    old = digest(TOLD_ONLY[key])
    town.time.go_to(until)
    town.office.versions._loaded[old] = from_json(to_json(TOLD_ONLY[key]))
    fire_due_clocks(town.office)
    del town.office.versions._loaded[old]


@pytest.mark.parametrize("age", ["new", "former", "fell due before"])
def test_a_technical_review_ends_when_the_applicant_was_told(
    front: Front, town: Town, age: str
) -> None:
    if age == "new":
        number = apply_to(town, "ordinary_review", address(1))
    else:
        with under_former_versions(town, {"instant_licence": TOLD_ONLY["instant_licence"]}):
            number = apply_to(town, "ordinary_review", address(1))
    answer = front.step("reviewer", number, "pause", usual("instant_licence", "pause"))
    assert answer.status_code == 200, answer.text
    if age == "fell due before":
        _release_before(town, "instant_licence", date(2026, 9, 20))
        assert town.case(number).state == "paused_technical"
    town.time.go_to(date(2026, 9, 21))
    fire_due_clocks(town.office)
    front.log_in_again()
    seen = front.get("reviewer", f"/cases/{number}").json()
    assert seen["state"] == "ordinary_review"
    # The day that was told is the last that is not counted; those of the pause count for nobody.
    assert _run(town, number, "decision").stops[-1]["last"] == UNTIL.isoformat()
    # From the 16th twenty working days, over both holidays.
    assert _run(town, number, "decision").due_on == date(2026, 10, 19)
    _sound(town)


@pytest.mark.parametrize("former", [False, True])
def test_no_limit_rests_on_a_word_for_a_test_or_a_review(
    front: Front, town: Town, former: bool
) -> None:
    """Each rests on the letter by which that was asked of somebody; one of another case is none."""
    kept = pdf("委托书")
    before = {key: TOLD_ONLY[key] for key in ("instant_licence", "one_matter")}
    with under_former_versions(town, before) if former else nullcontext():
        alone, other = (apply_to(town, "ordinary_review", address(n)) for n in (1, 2))
        joint = joint_to(town, "dispatched", address(3))
    stopped = usual("instant_licence", "pause")
    for number, step, by, said in (
        (alone, "pause", "reviewer", {**stopped, "kind": "专家评审"}),
        (joint, "pause_health", "reviewer", PAUSE),
        (joint, "pause_eco", "eco", PAUSE),
    ):
        bare = refused(front.step(by, number, step, said, empty=True), 409, "guard-refused")
        assert [one["code"] for one in bare["reasons"]] == ["no_commission_letter"]
        assert "第四十五条" in bare["reasons"][0]["law"]
        letter = kept if number == alone else pdf(f"委托书 {step}")
        assert front.upload(by, number, LETTER, "委托书.pdf", letter).status_code == 201
        assert front.step(by, number, step, said, empty=True).status_code == 200
    assert _run(town, alone, "decision").status == "stopped"
    assert front.upload("reviewer", other, LETTER, "委托书.pdf", kept).status_code == 201
    again = refused(
        front.step("reviewer", other, "pause", stopped, empty=True), 409, "guard-refused"
    )
    assert [one["code"] for one in again["reasons"]] == ["no_commission_letter"]
    _sound(town)


@pytest.mark.parametrize("former", [False, True])
def test_each_department_of_a_joint_matter_goes_on_by_itself(
    front: Front, town: Town, former: bool
) -> None:
    if former:
        with under_former_versions(town, {"one_matter": TOLD_ONLY["one_matter"]}):
            number = joint_to(town, "dispatched", address(1))
    else:
        number = joint_to(town, "dispatched", address(1))
    for item, by in (("health", "reviewer"), ("eco", "eco")):
        answer = front.step(by, number, f"pause_{item}", PAUSE)
        assert answer.status_code == 200, answer.text
    if former:
        _release_before(town, "one_matter", date(2026, 9, 18))
        assert set(town.case(number).tracks.values()) == {"health_paused", "eco_paused"}
    town.time.go_to(date(2026, 9, 21))
    fire_due_clocks(town.office)
    assert set(town.case(number).tracks.values()) == {"health_reviewing", "eco_reviewing"}
    for clock in ("health_statutory", "eco_statutory", "joint", "promise"):
        run = _run(town, number, clock)
        assert run.stops[-1]["last"] == UNTIL.isoformat(), clock
        assert run.due_on is not None
    _sound(town)


def test_an_investigation_does_not_rest_without_end(desk: Desk) -> None:
    town, number = desk.town, desk.open()
    desk.go(number, *OPINION[:2], ("suspend", "approver"))
    assert _run(town, number, "decision").due_on is None
    # Ninety days after 1 September; 30 November is a Monday.
    assert _run(town, number, "suspended").due_on == date(2026, 11, 30)
    town.time.go_to(date(2026, 12, 1))
    fire_due_clocks(town.office)
    assert desk.state(number) == "investigating"
    assert _run(town, number, "decision").stops[-1]["last"] == "2026-11-30"
    # The days that were left of the ninety.
    assert _run(town, number, "decision").due_on is not None
    desk.go(number, ("suspend", "approver"))
    _sound(town)


# --- An end without a decision 终止审查 -----------------------------------------------------------


def _codes(answer: Any, law: str = "") -> list[str]:
    problem = refused(answer, 409, "guard-refused")
    assert all(law in one["law"] for one in problem["reasons"]), problem["reasons"]
    return [one["code"] for one in problem["reasons"]]


@pytest.mark.parametrize("former", [False, True])
def test_no_application_ends_on_the_word_that_its_party_is_gone(
    front: Front, town: Town, former: bool
) -> None:
    if former:
        with under_former_versions(town, {"instant_licence": TOLD_ONLY["instant_licence"]}):
            number = apply_to(town, "accepted", address(1))
    else:
        number = apply_to(town, "accepted", address(1))
    for ground in ("申请人依法终止", "申请人死亡"):
        given = {**ENDED, "ground": ground}
        answer = front.step("window", number, "terminate", given, empty=True)
        codes = [one["code"] for one in answer.json()["reasons"]]
        # No firm dies.
        said = "applicant_end_wrong" if ground == "申请人死亡" else "ending_unproved"
        assert codes == [said]
    gone = {**ENDED, "ground": "申请所涉及的许可证已经失效"}
    answer = front.step("window", number, "terminate", gone, empty=True)
    assert _codes(answer, "第七十条") == ["licence_has_not_ended"]
    assert front.upload("window", number, "ending_proof", "注销证明.pdf").status_code == 201
    answer = front.step("window", number, "terminate", ENDED, empty=True)
    assert answer.json()["state"] == "terminated"
    _sound(town)


def test_a_change_ends_with_its_licence_and_not_before(front: Front, town: Town) -> None:
    granted = town.granted(address=address(1))
    licence = town.relative(granted, "licence").number
    change = change_of(town, granted)
    follow(town, change, ("submit", "applicant"))
    gone = {**ENDED, "ground": "申请所涉及的许可证已经失效"}
    answer = front.step("window", change, "terminate", gone, empty=True)
    assert _codes(answer, "第七十条") == ["licence_has_not_ended"]
    dissolved = {"ground": "被许可的法人或者其他组织依法终止", "reason": "已注销登记"}
    town.take(licence, "deregister", "approver", dissolved)
    answer = front.step("window", change, "terminate", gone, empty=True)
    assert answer.status_code == 200, answer.text
    _sound(town)
