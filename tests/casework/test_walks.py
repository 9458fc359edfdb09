"""Random walks through all the machines, by the one door: what must hold holds after each act."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from docx import Document as Word
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.acts import clocks
from casework.acts.actors import Actor
from casework.acts.journal import COUNTED
from casework.audit.proof import verify_case, verify_database
from casework.common.problems import Problem
from casework.common.timekeeping import ZONE
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, CaseClock, Document, LogRow, Mandate
from casework.rules.versions import VersionCache
from state_machines.language.vocabulary import Role, Step
from state_machines.licences import LICENCES
from state_machines.licensing.licence.process import HELD
from state_machines.processes import PROCESSES
from tests.support.exemptions import WAYS
from tests.support.journeys import (
    APPLIED,
    CHECKED,
    JOINT,
    address,
    apply_to,
    change_of,
    check_to,
    code_change_to,
    custody_to,
    deferred,
    exemption_to,
    grading_to,
    joint_to,
    national_to,
    objection_to,
    place_for,
    renewal_of,
    single_to,
    supplement_of,
    talk_to,
    training_to,
    usual,
)
from tests.support.penalties import penalty_to, spot_to
from tests.support.processes.food_standard import standard
from tests.support.processes.interested_party import registered
from tests.support.processes.place_filing import filing
from tests.support.records import heads, number_gaps
from tests.support.town import APPLICANT, CODES, START, Town, fresh_town, look

# Who takes the steps of a role; two names where two officers sign.
_BY_ROLE = {
    "applicant": "applicant",
    "window_clerk": "window",
    "reviewer": "reviewer",
    "approver": "approver",
    "inspector": "inspector1",
    "legal_reviewer": "legal",
    "hearing_chair": "chair",
    "supervisor": "supervisor",
    "eco_reviewer": "eco",
    "eco_approver": "eco_approver",
    "case_handler": "handler1",
    "credit_officer": "credit",
    "panel_member": "head1",
}
_PEOPLE = (*_BY_ROLE.values(), "inspector2", "applicant2", "window_b")
_JUNK: tuple[Any, ...] = (
    None,
    [],
    {},
    {"reason": ""},
    {"reason": "x" * 5000},
    {"number": float("nan")},
    {"results": [{"met": "yes"}]},
)
_STEPS = sorted({step.name for process in PROCESSES.values() for step in process.every_step})
_PLACES = 5
_ENFORCING = ("first_offence_exemption", "penalty", "simple_penalty", "correction_order")
_HEARD = {"hold_hearing", "abandon_hearing", "withdraw_hearing", "waive_hearing"}
# Far on the way to a decision, or past it.
_PUNISHED = (
    "notified",
    "hearing_scheduled",
    "reconsidered",
    "legal_review",
    "decision_pending",
    "decided",
    "served",
    "instalment",
)
# Steps of a check about a decision: who drafts, reviews or takes it, and the parts it binds.
_BOUND: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("notify_revocation", "submit_review", "return_review", "pass_review"), ("revoke", ())
    ),
    "revoke": ("revoke", ("facts", "basis", "reasons")),
    **dict.fromkeys(("propose_undoing", "review_undoing"), ("undo", ())),
    "undo_decision": ("undo", ("kind", "facts", "basis", "reasons", "instead")),
}
_DRAFTED = ("notify_revocation", "propose_undoing")
_PASSED = ("pass_review", "review_undoing")
FOUR_YEARS_AGO = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")  # printed in Chinese
_CHINESE = re.compile("[\u4e00-\u9fff]")


class Walk(RuleBasedStateMachine):
    """A town in which people do what they may, and try what they may not."""

    town: Town
    stood: ClassVar[set[tuple[str, str]]] = set()  # every state that a case of any walk stood in

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, tuple[int, str, str, int]] = {}
        self.ended: dict[str, str] = {}
        self.proved: dict[str, tuple[int, str, str, int]] = {}
        self.versions = VersionCache()

    @initialize(
        applied=st.lists(st.sampled_from(APPLIED), min_size=2, max_size=2, unique=True),
        checked=st.lists(st.sampled_from(CHECKED), min_size=2, max_size=2, unique=True),
        joint=st.lists(st.sampled_from(sorted(JOINT)), min_size=2, max_size=2, unique=True),
        offences=st.lists(st.sampled_from(sorted(WAYS)), min_size=2, max_size=2, unique=True),
        punished=st.lists(st.sampled_from(_PUNISHED), min_size=2, max_size=2, unique=True),
    )
    def begin(
        self,
        applied: list[str],
        checked: list[str],
        joint: list[str],
        offences: list[str],
        punished: list[str],
    ) -> None:
        """With applications and checks under way, so that short walks get far."""
        self.town.time.instant = FOUR_YEARS_AGO
        to_renew = self.town.granted(address=address(20))
        self.town.time.instant = START
        self.town.office.catch_up(self.town.relative(to_renew, "licence").id)
        renewal_of(self.town, to_renew)
        filing(self.town, address(21))
        standard(self.town, address(25))
        change_of(self.town, deferred(self.town, address(22)))
        for n, state in enumerate(joint):
            joint_to(self.town, state, place_for(state, 30 + n))
        for n, process in enumerate(("single_health", "single_eco")):
            single_to(self.town, process, "reviewing", address(40 + n))
        for state in offences:
            exemption_to(self.town, state)
        for state in punished:
            penalty_to(self.town, state)
        spot_to(self.town, "punished")
        granted = [self.town.granted(address=address(n)) for n in range(len(checked))]
        for n, state in enumerate(applied):
            apply_to(self.town, state, place_for(state, len(checked) + n))
        registered(self.town, address(24))
        looked_at = self.town.granted(address=address(23), by="applicant2")
        for number, state in zip(granted, checked, strict=True):
            check_to(self.town, number, state)
        inspected = check_to(self.town, looked_at, "inspected")
        for state in ("requested", "preserved", "seized"):
            custody_to(self.town, inspected, state)
        joint_to(self.town, "delivered_together", address(50))
        self._begin_repairs()

    def _begin_repairs(self) -> None:
        """A record of last winter, its repair by both channels, and what goes with it."""
        self.town.time.instant = datetime(2026, 1, 12, 9, 0, tzinfo=ZONE)
        revoked = self.town.granted(address=address(51))
        check_to(self.town, revoked, "revoked")
        repair = self.town.relative(revoked, "repair")
        self.town.time.instant = datetime(2026, 8, 27, 9, 0, tzinfo=ZONE)
        self.town.office.catch_up(repair.id)
        training_to(self.town, "learning")
        objection_to(self.town, "filed")
        national_to(self.town, repair.number, "filed")
        talk_to(self.town, "planned")
        code_change_to(self.town, "received", self.town.register(CODES[0]), APPLICANT)
        graded = self.town.granted(address=address(52), by="applicant2")
        grading_to(self.town, graded, "assigned")
        self.town.time.instant = START

    @rule(place=st.integers(0, _PLACES - 1), by=st.sampled_from(["applicant", "applicant2"]))
    def apply(self, place: int, by: str) -> None:
        number = self.town.apply(by=by, address=address(place))
        self.town.attach(number, by=by)
        self._try(self.town.case(number), "submit", by, {})

    @rule(
        which=st.integers(0, 99),
        ways=st.lists(st.tuples(st.integers(0, 99), st.booleans()), min_size=1, max_size=6),
    )
    def work_on_a_case(self, which: int, ways: list[tuple[int, bool]]) -> None:
        """Do what its state asks for, a few times over; the usual steps more often."""
        case = self._some_case(which, open_only=True)
        for way, met in ways:
            if case is None or case.ended_at:
                return
            steps = [
                step
                for step in PROCESSES[case.process].every_step
                if _places(case) & set(step.moves) and not all(role.automatic for role in step.by)
                for _ in range(1 if step.optional else 3)
            ]
            if steps:
                self._take(case, steps[way % len(steps)], way, met)
            case = self.town.case(case.number)

    def _take(self, case: Case, step: Step, way: int, met: bool) -> None:
        roles = [role.value for role in step.by if not role.automatic]
        by = _BY_ROLE[roles[way % len(roles)]]
        if by == "applicant" and case.party_id == self._party_of("applicant2"):
            by = "applicant2"
        given = usual(case.process, step.name)
        if step.name in ("inspect", "recheck", "check_site"):
            given = look(met=met)
        if step.name == "supply":
            self.town.attach(case.number, supplement_of(case.process), by=by)
        self._try(case, step.name, by, given)
        if step.two_officers:
            by_handlers = Role.CASE_HANDLER in step.by and case.process in _ENFORCING
            self._sign(case, step.name, "handler2" if by_handlers else "inspector2")

    @rule(
        which=st.integers(0, 999),
        step=st.sampled_from(_STEPS),
        by=st.sampled_from(_PEOPLE),
        junk=st.none() | st.sampled_from(range(len(_JUNK))),
        off_by=st.sampled_from([0, 0, 0, 1, -1]),
    )
    def try_anything(self, which: int, step: str, by: str, junk: int | None, off_by: int) -> None:
        case = self._some_case(which)
        if case is not None:
            given = usual(case.process, step) if junk is None else _JUNK[junk]
            self._try(case, step, by, given, off_by)

    @rule(which=st.integers(0, 999), by=st.sampled_from(_PEOPLE), step=st.sampled_from(_STEPS))
    def sign_anything(self, which: int, by: str, step: str) -> None:
        case = self._some_case(which)
        if case is not None:
            self._sign(case, step, by)

    @rule(days=st.integers(0, 90), hours=st.integers(0, 23))
    def let_time_pass(self, days: int, hours: int) -> None:
        self.town.time.pass_(days=days, hours=hours)

    @rule()
    def sweep(self) -> None:
        report = fire_due_clocks(self.town.office)
        assert report.failed == []

    # -- what must always hold ---------------------------------------------------------------------

    @invariant()
    def logs_only_grow(self) -> None:
        now = heads(self.town)
        for number, (version, _, _, seq) in self.seen.items():
            assert now[number][0] >= version
            assert now[number][3] >= seq
        self.seen = now

    @invariant()
    def what_moved_is_sound(self) -> None:
        """Every case whose log has grown, with its family; in the end the whole database is."""
        now = heads(self.town)
        moved = {number for number, head in now.items() if self.proved.get(number) != head}
        with self.town.session() as session:
            cases = session.scalars(select(Case).order_by(Case.id)).all()
            families = {_family(case) for case in cases if case.number in moved}
            for case in cases:
                if _family(case) not in families:
                    continue
                log = session.scalars(
                    select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
                ).all()
                runs = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id)).all()
                self._judge(case, log, runs)
                assert verify_case(session, case, self.versions) == []
            self._judge_licences(cases)
        self.proved = now

    def _judge(self, case: Case, log: Any, runs: Any) -> None:
        if case.process == "penalty":
            self._judge_penalty(case, log, runs)
        if case.process == "commitment_check":
            self._judge_bound(log)
        process = PROCESSES[case.process]
        state = process.state(case.state)
        self.stood.add((case.process, case.state))
        assert [row.seq for row in log] == list(range(1, len(log) + 1))
        recorded = [datetime.fromisoformat(row.header["recorded_at"]) for row in log]
        assert all(earlier <= later for earlier, later in pairwise(recorded))
        assert log[-1].header["target"] in _places(case)
        for track, at in case.tracks.items():
            assert case.state in process.track(track).opens_in
            self.stood.add((case.process, at))
        # Tracks that have all ended were joined in the same transaction.
        assert not case.tracks or not all(process.state(at).end for at in case.tracks.values())
        assert case.version == sum(row.header["kind"] in COUNTED for row in log)

        live = [run for run in runs if run.status != clocks.ENDED]
        assert len({run.name for run in live}) == len(live)
        if state.end:
            assert live == []
            assert case.ended_at is not None
            assert case.next_due is None
            assert case.awaiting == []
            assert self.ended.setdefault(case.number, case.state) == case.state
        else:
            assert case.ended_at is None
            assert live or state.unattended, f"nothing presses in {case.state}"
            assert case.awaiting or state.unattended or case.process in LICENCES
        # What counts from a service that has not been has no last day yet.
        running = [run.fires_at for run in live if run.status == clocks.RUNNING and run.fires_at]
        assert case.next_due == min(running, default=None)

    def _judge_bound(self, log: Any) -> None:
        """What a revocation and its undoing say is what was told and reviewed, by hand."""
        drafted: dict[str, Any] = {}
        passed: dict[str, Any] = {}
        for row in log:
            name, said = row.header["name"], row.payload.get("input", {})
            if row.header["kind"] != "step" or name not in _BOUND:
                continue
            what, parts = _BOUND[name]
            if name in _DRAFTED:
                drafted[what], passed[what] = said, None
            elif name in _PASSED:
                passed[what] = drafted[what]
            elif not parts:
                passed[what] = None
            else:
                assert passed.get(what) is not None, f"{name} without review"
                assert [said[part] for part in parts] == [passed[what][part] for part in parts]

    def _judge_licences(self, cases: Any) -> None:
        numbers = [
            case.data["application"]["number"] for case in cases if case.process == "licence"
        ]
        assert len(set(numbers)) == len(numbers)
        standing = [
            case.place_id for case in cases if case.process == "licence" and case.state in HELD
        ]
        assert len(set(standing)) == len(standing), "two standing licences for one place"
        by_family = {(case.family_id, case.relation): case for case in cases}
        for case in cases:
            if case.process == "commitment_check" and case.state in ("revoked", "deregistered"):
                licence = by_family[case.family_id, "licence"]
                assert licence.state in ("revoked", "deregistered")

    def _judge_penalty(self, case: Case, log: Any, runs: Any) -> None:
        """No penalty without notice, right of defence and, where due, a hearing and a pass."""
        if "decide" not in case.data:
            return
        order = [row.header["name"] for row in log if row.header["kind"] == "step"]
        notice = len(order) - order[::-1].index("notify")
        since = order[notice : order.index("decide")]
        assert "reconsider" in since
        weighed = len(since) - since[::-1].index("reconsider")
        day = next(row for row in reversed(log) if row.header["name"] == "reconsider")
        ended = {run.name for run in runs if run.fires_at and run.fires_at <= _instant(day)}
        before = set(since[:weighed])
        # A statement does not end the time for statements.
        assert "waive_defence" in before or "defence" in ended
        told, decided = case.data["notify"], case.data["decide"]
        for part in ("violation", "facts", "basis"):
            assert decided[part] == told[part]
        sums = {one["kind"]: Decimal(one["amount"] or 0) for one in told["measures"]}
        for one in decided["measures"]:
            assert Decimal(one["amount"] or 0) <= sums[one["kind"]]
        if "责令停产停业" in sums:
            assert before & _HEARD or "hearing_request" in ended
        after = since[weighed:]
        assert {"pass_review", "forgo_review"} & set(after)
        assert "hold_hearing" not in before or "pass_review" in after

    def teardown(self) -> None:
        assert number_gaps(self.town) == []
        with self.town.session() as session:
            assert verify_database(session, VersionCache()).faults == ()
            papers = session.scalars(
                select(Document).options(undefer(Document.context), undefer(Document.content))
            ).all()
            rules = self.town.office.rules.current(session)
        for paper in papers:
            text = _text(paper.content)
            template, _ = rules.template(paper.key, paper.issued_on, "320613")
            for path in template.fields:
                value = _value(paper.context, path)
                known = path.split(".")[0] in ("document", "authority", "party", "place", "licence")
                if known and value and not _DATE.fullmatch(value):
                    assert _plain(value) in text, f"{path} is missing in {paper.key}: {value}"

    # -- acts --------------------------------------------------------------------------------------

    def _some_case(self, which: int, *, open_only: bool = False) -> Case | None:
        with self.town.session() as session:
            cases = session.scalars(select(Case).order_by(Case.id)).all()
        known = [case for case in cases if not (open_only and case.ended_at)]
        return known[which % len(known)] if known else None

    def _party_of(self, account: str) -> int:
        with self.town.session() as session:
            person = self.town.people[account].person_id
            found = session.scalars(select(Mandate.party_id).where(Mandate.person_id == person))
            return int(found.one())

    def _try(self, case: Case, step: str, by: str, given: Any, off_by: int = 0) -> None:
        actor, version = self.town.people[by], case.version + off_by
        self._quietly(
            lambda: self.town.office.advance(case.number, step, given, actor, version=version)
        )

    def _sign(self, case: Case, step: str, by: str) -> None:
        actor = self.town.people[by]
        if case.version % 3 == 0:
            back = self.town.office.return_signature
            self._quietly(lambda: back(case.number, step, "重填", actor, version=case.version))
        self._quietly(lambda: self.town.office.sign(case.number, step, actor, version=case.version))

    def _quietly(self, deed: Any) -> None:
        """Do it, or be told in Chinese why not; then nothing has moved. Nothing else is raised."""
        before = heads(self.town)
        try:
            deed()
        except Problem as problem:
            told = problem.detail
        else:
            return
        assert _CHINESE.search(told), told
        assert heads(self.town) == before


def _instant(row: Any) -> datetime:
    return datetime.fromisoformat(row.header["effective_at"])


def _family(case: Case) -> int:
    return case.family_id or case.id


def _places(case: Case) -> set[str]:
    return {case.state, *case.tracks.values()}


def _text(content: bytes) -> str:
    body = Word(BytesIO(content)).element.body
    return _plain("".join(node.text or "" for node in body.iter() if node.tag.endswith("}t")))


def _value(context: Any, path: str) -> str:
    """The text at a path; nothing for lists, which the tests of the templates look at."""
    at = context
    for part in path.split("."):
        at = at.get(part, "") if isinstance(at, dict) else ""
    return at if isinstance(at, str) else ""


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def _walk(
    server: str,
    people: dict[str, Actor],
    *,
    examples: int,
    steps: int,
    phases: Sequence[Phase],
    drawn: int | None = None,
) -> None:
    class WalkHere(Walk):
        def __init__(self) -> None:
            super().__init__()
            self.stack = ExitStack()
            self.town = self.stack.enter_context(fresh_town(server, people))
            assert self.town.time.instant == START

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.stack.close()

    run_state_machine_as_test(
        WalkHere if drawn is None else seed(drawn)(WalkHere),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_short_walks(server: str, settled: dict[str, Actor]) -> None:
    _walk(server, settled, examples=5, steps=20, phases=[Phase.generate])
    # Else the walks would say nothing about most of the declarations.
    assert len(Walk.stood) > 20, sorted(Walk.stood)
    assert {process for process, _ in Walk.stood} == set(PROCESSES)


@pytest.mark.heavy
@pytest.mark.parametrize("drawn", range(8))
def test_long_walks(server: str, settled: dict[str, Actor], drawn: int) -> None:
    """As many acts as NUOXIN_WALKS says, drawn from its own seed."""
    acts = int(os.environ.get("NUOXIN_WALKS", "1000"))
    phases = [Phase.generate, Phase.shrink]
    _walk(server, settled, examples=max(acts // 8 // 50, 1), steps=50, phases=phases, drawn=drawn)
