"""Every state and every exit of credit repair (信用修复), both channels, and of what belongs to it,
each by a named way over HTTP.

The ways are written by hand; that they leave nothing out is counted against the declarations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case
from casework.rules.versions import VersionCache
from state_machines.processes import PROCESSES
from tests.support import penalties
from tests.support.forks import Explorer, Stage, exploring
from tests.support.front import Front
from tests.support.journeys import OFFICERS, address, check_to, usual
from tests.support.rules import set_key
from tests.support.town import APPLICANT, workday_from
from tests.support.ways import Beginning, Walker, Way, announced, another_way, exits, staying

_APPLIED = "eligible apply applied"
_PROMISED = f"{_APPLIED} commit commitment_made"
_VERIFYING = f"{_PROMISED} begin_verification verifying"
_FAILED = f"{_VERIFYING} fail_verification failed"
_VERIFIED = f"{_VERIFYING} verify verified"
_APPROVED = f"{_VERIFIED} recommend verified approve approved"
_PUSHED = f"{_APPROVED} request_removal removal_requested"
_REMOVED = f"{_PUSHED} end_publicity removed"
_SYNCED = f"{_REMOVED} synchronise synced"
_UNDECIDED = (_APPLIED, _PROMISED, _VERIFYING, _FAILED, _VERIFIED)

# What a repair has been handed by the time it may be applied for.
_TOLD = "repair_reminder repair_guide"

# Before a record of false material: told, with proof, and what the firm says to it.
_HEARD = (
    f"give_prior_notice {announced('prior')} "
    "give_prior_notice serve_prior_notice answer_prior_notice waive_prior_notice "
    "review_prior_notice"
)

REPAIRS: Mapping[str, Way] = {
    "the four steps, to the end": Way(
        f"{_SYNCED} close closed", f"{_TOLD} credit_commitment repair_check_record repair_grant"
    ),
    "what failed, looked at again": Way(
        f"{_FAILED} begin_verification verifying verify verified",
        f"{_TOLD} credit_commitment repair_check_record repair_check_record",
    ),
    "its own check and its performance beforehand": Way(
        "eligible report_self_check eligible record_performance eligible",
        f"{_TOLD} self_check_report",
    ),
    "the national channel beside it": Way(
        f"eligible file_nationally {_APPLIED}", f"{_TOLD} credit_commitment"
    ),
    **{
        f"withdrawn when {path.split()[-1]}": Way(f"{path} withdraw withdrawn")
        for path in _UNDECIDED
    },
    **{f"refused when {path.split()[-1]}": Way(f"{path} refuse refused") for path in _UNDECIDED},
    **{
        f"false material found when {path.split()[-1]}": Way(
            f"{path} {staying(path.split()[-1], _HEARD)} find_false_material false_material",
            waits={"end_announcement_prior": 39},
        )
        for path in (*_UNDECIDED, _APPROVED, _PUSHED, _REMOVED, _SYNCED)
    },
    **{
        f"the record put right when {path.split()[-1]}": Way(f"{path} lapse lapsed")
        for path in ("eligible", *_UNDECIDED, _APPROVED, _PUSHED, _REMOVED, _SYNCED)
    },
    # What comes to light after the end leaves the case where it is.
    "false material found when closed": Way(
        f"{_SYNCED} close closed {staying('closed', _HEARD)} find_false_material closed",
        waits={"end_announcement_prior": 39},
    ),
    # Whoever has not applied waits as long as the other class has it.
    "of another class when eligible": Way("eligible reclass not_eligible"),
    **{
        f"of another class when {path.split()[-1]}": Way(f"{path} reclass {path.split()[-1]}")
        for path in (*_UNDECIDED, _APPROVED, _PUSHED, _REMOVED, _SYNCED)
    },
}
WAITING: Mapping[str, Way] = {
    "the term passes": Way(
        "not_eligible report_self_check not_eligible record_performance not_eligible "
        "become_eligible eligible",
        f"self_check_report {_TOLD}",
        # 公示满三年 of the revocation of 1 September 2026.
        {"publicity": "2029-09-01"},
    ),
    "the record put right before the term passes": Way("not_eligible lapse lapsed"),
    "of another class before the term passes": Way("not_eligible reclass not_eligible"),
}
_FILED = "filed accept_filing accepted"
_SENT = f"{_FILED} send_to_authority sent"
NATIONAL: Mapping[str, Way] = {
    "agreed after an extension": Way(f"{_SENT} extend_result sent end_national_publicity ended"),
    **{
        f"refused when {path.split()[-1]}": Way(f"{path} refuse_filing refused", "repair_refusal")
        for path in (_FILED, _SENT)
    },
    **{
        f"withdrawn when {path.split()[-1]}": Way(f"{path} withdraw_filing withdrawn")
        for path in ("filed", _FILED, _SENT)
    },
    **{
        f"the record put right when {path.split()[-1]}": Way(f"{path} lapse lapsed")
        for path in ("filed", _FILED, _SENT)
    },
}
_OBJECTED = "draft file_objection filed"
_ASKED = f"{_OBJECTED} ask_others asking_others"
OBJECTIONS: Mapping[str, Way] = {
    f"{step} when {path.split()[-1]}": Way(f"{path} {step} {state}")
    for step, state, paths in (
        ("reject", "rejected", (_OBJECTED, _ASKED)),
        ("drop_objection", "withdrawn", ("draft", _OBJECTED, _ASKED)),
        ("uphold", "upheld", (_OBJECTED, _ASKED)),
    )
    for path in paths
}
_HANDED_OVER = "learning start_exam in_exam submit_paper handed_over"
TRAININGS: Mapping[str, Way] = {
    "nothing handed in before the time was over, and given up": Way(
        "learning start_exam in_exam run_out handed_over leave left"
    ),
    "given up before the exam": Way("learning leave left"),
    "handed in empty, and sat again": Way(
        f"{_HANDED_OVER} start_exam in_exam", inputs={"submit_paper": {"answers": []}}
    ),
    "passed": Way(f"{_HANDED_OVER} certify certified", "training_certificate"),
}
_INVITED = "planned invite invited"
_TALKED = f"{_INVITED} hold_talk talked"
TALKS: Mapping[str, Way] = {
    "talked, and mended": Way(f"{_TALKED} report_improvement talked settle settled"),
    "nobody came, and called off": Way(f"{_INVITED} note_absence planned call_off called_off"),
    "called off when invited": Way(f"{_INVITED} call_off called_off"),
}
WAYS: Mapping[str, Mapping[str, Way]] = {
    "credit_repair": {**REPAIRS, **WAITING},
    "national_repair": NATIONAL,
    "credit_objection": OBJECTIONS,
    "credit_training": TRAININGS,
    "credit_talk": TALKS,
}

_OFFICER = (
    "record_performance recommend request_removal end_publicity synchronise close accept_filing "
    "send_to_authority ask_others reject uphold invite hold_talk note_absence call_off settle"
)
_APPROVER = "approve refuse find_false_material extend_result end_national_publicity refuse_filing"
# Who takes a step, where it is not the firm.
_BY: Mapping[str, str] = {
    **dict.fromkeys(_OFFICER.split(), "credit"),
    **dict.fromkeys(_APPROVER.split(), "approver"),
    **dict.fromkeys(("give_prior_notice", "serve_prior_notice"), "credit"),
    **dict.fromkeys(announced("prior").split(), "credit"),
    "review_prior_notice": "legal",
    **dict.fromkeys(("verify", "fail_verification"), OFFICERS),
}


class Returning(Walker):
    """Somebody who takes a case of credit along a way."""

    def log(self) -> list[tuple[str, str, str]]:
        """The steps of the case itself that the log says were taken, as in `Way.taken`."""
        lines = self.front.get(self.reader, f"/cases/{self.number}/log").json()
        return [
            (line["source"], line["name"], line["target"])
            for line in lines
            if line["kind"] == "step" and not line["track"]
        ]

    def _step(self, step: str, given: Any) -> None:
        if step == "become_eligible":
            self.await_end("minimum")
        elif step == "run_out":
            self.front.town.time.pass_(minutes=61)
            fire_due_clocks(self.front.town.office)
        elif step == "begin_verification":
            self._end_tracks()
        elif step == "lapse":
            self._reconsider("change_by_reconsideration")
        elif step == "reclass":
            self._reconsider("vary_by_reconsideration", publicity="minor")
        else:
            if step in ("hold_talk", "note_absence"):
                self._turn_to(date.fromisoformat(self._case().data["invite"]["day"]))
            self._take(self.number, step, self._input(step, given))

    def _take(self, number: str, step: str, given: Any = None) -> None:
        first, _, second = _BY.get(step, "applicant").partition("+")
        given = another_way(step, given, self.log() if number == self.number else ())
        answer = self.front.step(first, number, step, given)
        assert answer.status_code == (202 if second else 200), f"{step}: {answer.text}"
        if second:
            signed = self.front.sign(second, number, step)
            assert signed.status_code == 200, signed.text

    def _end_tracks(self) -> None:
        """培训 and 整改, as far as they are open: what ends last begins the verification."""
        open_ones = {track["name"] for track in self.case()["tracks"]}
        if "training" in open_ones:
            self._take(self.number, "finish_training")
        assert "rectification" in open_ones
        self.hand_in(self.number, "rectification_report")
        self._take(self.number, "submit_rectification", usual("", "submit_rectification"))

    def _reconsider(self, outcome: str, **changes: Any) -> None:
        """复议 quashes the penalty that the record is of, or makes it milder; the repair follows by
        itself."""
        town = self.front.town
        with town.session() as session:
            family = select(Case.number).where(Case.id == town.case(self.number).family_id)
            penalty = str(session.scalars(family).one())
        town.take(
            penalty, "file_reconsideration", "legal", usual("penalty", "file_reconsideration")
        )
        town.take(penalty, outcome, "legal", {**usual("penalty", outcome), **changes})

    def _input(self, step: str, given: Any) -> Any:
        if step == "submit_paper":
            return given or self.front.town.sheet(self.number)
        if step == "invite":
            day = workday_from(self.front.town.time.now().date() + timedelta(days=3))
            return {**usual("credit_talk", step), "day": day.isoformat()}
        return given if given is not None else usual(self._case().process, step)

    def _case(self) -> Any:
        return self.front.town.case(self.number)


def _is_of_penalty(way: Way) -> bool:
    """Whether what the record of the repair is of changes on the way: a penalty falls, or is made
    milder."""
    return " lapse " in way.path or " reclass " in way.path


_TOWN: Beginning = ("a licence revoked", "a penalty paid")
_WAITED: Beginning = ("the terms are over",)


def _stages(process: str, way: Way) -> tuple[Beginning, ...]:
    """How a case of that process comes to its beginning; of a repair, to where the way begins."""
    begun = (process, _is_of_penalty(way))
    return (_TOWN, begun) if way in WAITING.values() else (_TOWN, _WAITED, begun)


class Standing:
    """The stages: two repairs of one firm, of a licence revoked and of a penalty, which wait for
    their terms."""

    def __init__(self, front: Front) -> None:
        self.front = front

    def stage(self, beginning: Beginning) -> Stage:
        """The stage that is named so."""
        if beginning == _TOWN:
            return beginning, lambda _: self._town()
        if beginning == _WAITED:
            return beginning, self._waited
        return beginning, lambda walker: self._begun(walker, *beginning)

    def _town(self) -> Returning:
        walker, town = Returning(self.front, ""), self.front.town
        revoked = check_to(town, town.granted(address=address(0)), "revocation_served")
        with town.session() as session:
            larger = {"person": "1.00", "firm": "1000.00"}
            set_key(session, "penalty.larger_fine", value=larger)
        penalty = penalties.open_lead(town)
        penalties.go(
            town,
            penalty,
            *penalties.WAYS["paid"],
            ("look_again", "handler1+handler2"),
            decide={"publicity": "general"},
        )
        walker.beside = {
            "revoked": town.relative(revoked, "repair").number,
            "penalised": town.relative(penalty, "repair").number,
        }
        return walker

    def _waited(self, walker: Walker | None) -> Walker:
        assert walker is not None
        walker.number = walker.beside["revoked"]
        walker.await_end("minimum")
        fire_due_clocks(self.front.town.office)
        self.front.town.certified()
        self.front.log_in_again()
        return walker

    def _begun(self, walker: Walker | None, process: str, of_penalty: bool) -> Walker:
        assert walker is not None
        repair = walker.beside["penalised" if of_penalty else "revoked"]
        walker.number = {
            "credit_repair": lambda: repair,
            "national_repair": lambda: self._filed(repair),
            "credit_objection": self._objected,
            "credit_training": self._enrolled,
            "credit_talk": self._planned,
        }[process]()
        return walker

    def _filed(self, repair: str) -> str:
        """A filing with 信用中国, beside a repair of its own."""
        given = usual("", "file_nationally")
        answer = self.front.step("applicant", repair, "file_nationally", given)
        assert answer.status_code == 200, answer.text
        return self.front.town.newest("national_repair")

    def _objected(self) -> str:
        """An objection, in draft, to a record of an inspection on file."""
        file = self.front.get("applicant", f"/parties/{APPLICANT}/credit").json()
        return self._opened(
            "applicant",
            process="credit_objection",
            data={
                "region": "320613",
                "event": next(
                    event["id"]
                    for event in file["events"]
                    if event["kind"] == "inspected" and not event["ended"]
                ),
                "reason": "已经按期整改",
                "contact_name": "李敏",
                "contact_phone": "13800000001",
            },
        )

    def _enrolled(self) -> str:
        """A training in which nothing was learnt yet."""
        said = {"region": "320613", "learner": "李敏"}
        return self._opened("applicant", process="credit_training", data=said)

    def _planned(self) -> str:
        """A talk with the firm, whose licences were revoked."""
        said = {"reason": "信用等级降为D级（严重失信）"}
        return self._opened("credit", process="credit_talk", data=said, party=APPLICANT)

    def _opened(self, who: str, **body: Any) -> str:
        answer = self.front.post(who, "/cases", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])


_NAMES = sorted(
    ((process, name) for process, ways in WAYS.items() for name in ways),
    key=lambda one: WAYS[one[0]][one[1]].route(*_stages(one[0], WAYS[one[0]][one[1]])),
)


@pytest.fixture(scope="module")
def explorer(module_front: Front) -> Iterator[Explorer]:
    routes = [
        way.route(*_stages(process, way)) for process, ways in WAYS.items() for way in ways.values()
    ]
    with exploring(module_front, routes) as explorer:
        yield explorer


@pytest.mark.slow
@pytest.mark.parametrize(("process", "name"), _NAMES)
def test_a_way(explorer: Explorer, process: str, name: str) -> None:
    way, front = WAYS[process][name], explorer.front
    walker = explorer.walk(way, *map(Standing(front).stage, _stages(process, way)))
    assert walker.log()[-len(way.taken) :] == way.taken
    case: Any = walker.case()
    if way.documents:
        assert [paper["key"] for paper in case["documents"]] == way.documents.split()
    assert not (case["ended"] and any(clock["live"] for clock in case["clocks"]))
    running = {clock["name"]: clock["due_on"] for clock in case["clocks"] if clock["live"]}
    assert way.dates.items() <= running.items()
    with front.town.session() as session:
        assert verify_case(session, front.town.case(walker.number), VersionCache()) == []


def test_no_way_is_left_out() -> None:
    for key, ways in WAYS.items():
        process = PROCESSES[key]
        states = {state for way in ways.values() for state in way.states}
        assert states == {state.name for state in process.states}
        assert {one for way in ways.values() for one in way.taken} == exits(process)
