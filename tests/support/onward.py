"""From wherever a case stands on to an end, under whatever version it was opened with.

Nobody says here which steps lead there: whoever takes the case on tries what its version lets be
taken, that first which leads nearer to the end, then what may be missing for it (papers, evidence,
steps that stay in the state), and then lets time pass to the next day on which something falls due.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import or_, select

from casework.common.problems import GuardRefused, Problem
from casework.common.timekeeping import ZONE, legal_date
from casework.documents import attachments
from casework.kernel import engine
from casework.models import Account, Case, CaseClock, Mandate, Participant, Party, Post
from casework.parts.evidence import entering
from state_machines.enforcement.correction_order.process import CORRECTION_ORDER
from state_machines.language.vocabulary import Process, Role, Step
from state_machines.licensing.licence.forms import REQUEST_CLOSURE
from state_machines.parts.endings.grounds import ENDINGS
from tests.adversary.attempts import PENAL, lawful, steps_of
from tests.support.journeys import supplement_of
from tests.support.penalties import PROVED_BY, hearing_on, register
from tests.support.signed import material_for, png, scan
from tests.support.town import MATERIALS, Town, look, sheet

_TURNS = 60
_WAITS = 6
_NOWHERE = 99
_LONGEST = timedelta(days=800)
# What begins something else beside the case, or only puts it off.
_NEVER = (
    "ask_recusal", "hand_over", "request_custody", "announce", "record_try", "correct",
    "request_hearing", "ask_for_time", "extend", "confirm_address", "ask_earlier_hearing",
    "adjourn_hearing", "book_look", "discard", "suspend", "record_receipt", "decide_recusal",
    "appeal", "refer_penalty", "draw_up_account", "record_refund", "correct_payment",
    "make_agreement", "send_transfer", "record_unreachable",
)  # fmt: skip
# What calls a decision into question: only where nothing else leads on.
_AGAINST = (
    "propose_undoing",
    "review_undoing",
    "file_",
    "change_by_",
    "record_judgment",
    "bring_back",
)
# What does not come to what was applied for, or what an inquiry is for.
_BAD = (
    "fail_", "refuse", "reject", "leave_", "end_execution", "release", "transfer", "terminate",
    "spare", "convert",
)  # fmt: skip
_WANTED = {"supply": "", "submit_rectification": "rectification_report"}
_LOOKS = frozenset(("inspect", "recheck", "check_site", "score", "pass_health", "pass_eco"))
_HEARINGS = ("hold_hearing", "abandon_hearing", "adjourn_hearing")
_TAKING = ("preserve", "seize", "seize_at_once")
_FRAUD = "《中华人民共和国行政许可法》第六十九条第二款"
_UNPROVED = ("evidence_missing", "evidence_not_registered")


@dataclass
class Walked:
    """How far a case came: the steps that were taken, and what refused those that were not."""

    number: str
    process: str
    begun: str
    state: str = ""
    ended: bool = False
    steps: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    crashed: str = ""

    @property
    def looked(self) -> bool:
        """Whether it went by what somebody found."""
        return not _LOOKS.isdisjoint(self.steps)


class Onward:
    """Takes the cases of a town on, each from `now` or from when its family was last acted on."""

    def __init__(self, town: Town, now: datetime) -> None:
        self.town, self._now = town, now
        self._case: Case
        self._chance = Random(0)
        self._walked: Walked
        self._seen: set[tuple[str, str]] = set()

    def walk(self, number: str, end: str = "", *, met: bool = True) -> Walked:
        """Take a case on to that end, or to whichever comes first; looks find all `met`, or not."""
        self._met = met
        case = self.town.case(number)
        self._walked = Walked(number, case.process, case.state)
        self._chance = Random(number)
        self.town.time.instant = max(self._now, *self._last_acts(case))
        self._seen, self._waits = set(), 0
        try:
            self._go(number, end)
        except Problem as problem:  # nobody asked for anything: a clock cannot be kept
            self._walked.crashed = f"{problem.type}: {problem.detail}"
        except Exception as error:  # what is looked for
            self._walked.crashed = f"{type(error).__name__}: {error}"[:2000]
        case = self.town.case(number)
        self._walked.state, self._walked.ended = case.state, case.ended_at is not None
        return self._walked

    def ends(self, case: Case) -> list[str]:
        """The ends that its version may lead it to, the nearest first."""
        process = self._process(case)
        found = {
            state.name: _distances(process, state.name).get(case.state)
            for state in process.states
            if state.end
        }
        reached = {name: far for name, far in found.items() if far is not None}
        return sorted(reached, key=lambda name: (reached[name], name))

    # -- one turn after the other ------------------------------------------------------------------

    def _go(self, number: str, end: str) -> None:
        self._catch_up(number)
        for _ in range(_TURNS):
            case = self.town.case(number)
            if case.ended_at is not None:
                return
            if not self._turn(case, end):
                return

    def _turn(self, case: Case, end: str) -> bool:
        """Do one thing that leads on; whether there was any."""
        process = self._process(case)
        far = _distances(process, end)
        onward, helpers, aside = [], [], []
        for step in steps_of(process, case):
            before, after = _moved(process, case, step, far)
            if after == before or (step.optional and after >= before):
                if step.name.startswith(_AGAINST):
                    aside.append(step)
                elif not step.name.startswith(_NEVER):
                    helpers.append(step)
            elif after < before:
                onward.append((after, step))
            elif after < _NOWHERE and not step.name.startswith(_NEVER):
                aside.append(step)
        onward.sort(key=lambda one: (self._is_bad(one[1].name) == self._met, one[0], one[1].name))
        for _, step in onward:
            if self._take(case, step):
                return True
        for step in helpers:
            if (step.name, case.state) not in self._seen and self._take(case, step):
                self._seen.add((step.name, case.state))
                return True
        if self._wait(case):
            return True
        for step in sorted(aside, key=lambda step: self._is_bad(step.name)):
            if (step.name, case.state) in self._seen:
                continue
            self._seen.add((step.name, case.state))
            if self._take(case, step):
                return True
        return False

    # -- a step ------------------------------------------------------------------------------------

    def _take(self, case: Case, step: Step) -> bool:
        """Try a step by each who may take it; whether it was taken."""
        process = self._process(case)
        for by, second in self._takers(process, case, step):
            why = self._try(case, process, step, by, second)
            if why is None:
                self._walked.steps.append(step.name)
                return True
            self._walked.refused[f"{case.state}.{step.name}"] = why
        return False

    def _try(
        self, case: Case, process: Process, step: Step, by: str, second: str
    ) -> list[str] | None:
        """Take it, handing in what is asked for; None if it was taken, else why not."""
        number, codes = case.number, list[str]()
        for _ in range(4):
            try:
                with self.town.session():
                    self._prepare(case, step, by, codes)
                    given = self._given(process, case, step)
                    version = self.town.case(number).version
                    actor = self.town.people[by]
                    self.town.office.advance(number, step.name, given, actor, version=version)
                    if second:
                        other = self.town.people[second]
                        self.town.office.sign(number, step.name, other, version=version)
                return None
            except GuardRefused as refused:
                found = [one["code"] for one in refused.extra["reasons"]]
                if found == codes:
                    return [f"{one['code']}: {one['text']}" for one in refused.extra["reasons"]]
                codes = found
            except Problem as problem:
                return [f"{problem.type}: {problem.detail}"]
        return codes

    def _prepare(self, case: Case, step: Step, by: str, codes: list[str]) -> None:
        """Hand in and register what a step wants, or what it was refused for."""
        town, number = self.town, case.number
        if step.name in _HEARINGS and {"schedule_hearing", "adjourn_hearing"} & case.data.keys():
            day = hearing_on(town, number)
            if day > legal_date(town.time.now()):
                town.time.go_to(day)
        if step.name == "submit":
            for material in MATERIALS.get(case.process, ()):
                self._hand_in(case, by, material)
        if step.name == "hand_in":
            for material in MATERIALS["deferral"]:
                self._hand_in(case, by, material)
        if step.name in _WANTED:
            item = _WANTED[step.name] or supplement_of(case.process)
            self._hand_in(case, by, item)
        if codes:
            item = material_for(step.name, codes)
            for one in (item, "return_slip" if "no_return_slip" in codes else ""):
                if one:
                    self._hand_in(case, by, one)
        if step.name in PROVED_BY and case.process in PENAL:
            register(town, number, *PROVED_BY[step.name])
        if set(codes) & set(_UNPROVED):
            self._register(case)
        if "correction_not_rechecked" in codes:
            self._recheck_orders(case)

    def _hand_in(self, case: Case, by: str, item: str) -> None:
        paper = scan(self.town.case(case.number), self.town.time.now(), f"{by} {item}")
        actor = self.town.people[by]
        attachments.store(self.town.office, actor, case.number, item, f"{item}.pdf", paper)

    def _register(self, case: Case) -> None:
        officers = self._of_post(case, (Role.CASE_HANDLER, Role.INSPECTOR))[:2]
        titles = ["现场笔录", "询问笔录", "照片", "现场照片", "检测报告"]
        for title in titles:
            item = {
                "kind": "勘验笔录、现场笔录",
                "title": title,
                "origin": "执法人员收集、调取",
                "collectors": officers,
                "collected_on": legal_date(self.town.time.now()).isoformat(),
                "place": "南通市崇川区",
                "proves": "案件事实",
                "storage": "本案卷",
            }
            file = (f"{title}.png", png(f"{case.number}{title}"))
            entering.add(self.town.office, self.town.people[officers[0]], case.number, item, file)

    def _recheck_orders(self, case: Case) -> None:
        """Look again at what a case ordered to be corrected."""
        with self.town.session() as session:
            orders = session.scalars(
                select(Case).where(
                    Case.origin_id == case.id,
                    Case.process == CORRECTION_ORDER.key,
                    Case.ended_at.is_(None),
                )
            ).all()
        for order in orders:
            process = self._process(order)
            step = process.step("recheck")
            for by, second in self._takers(process, order, step):
                if self._try(order, process, step, by, second) is None:
                    break

    def _given(self, process: Process, case: Case, step: Step) -> Any:
        case = self.town.case(case.number)
        given = lawful(self.town, self._chance, process, case, step).given
        if step.form and isinstance(given, dict):  # of this version: others asked for more
            given = {name: one for name, one in given.items() if name in step.form["properties"]}
        if step.name in ("inspect", "recheck", "check_site") and case.process not in PENAL:
            return self._looked(case)
        if step.name == "score" and not self._met:
            return sheet(cups_disinfected=0)
        taken = [case.data[one] for one in _TAKING if one in case.data]
        if step.name == "give_back" and taken:  # all of it
            return {**given, "things": taken[-1]["things"]}
        if step.name == "notify_revocation" and "find_false" in case.data:
            return {**given, "basis": _FRAUD}
        if step.name.startswith("deregister") and "ground" in given:
            return {**given, "ground": _ground(case)}
        ordered = (case.data.get("order_correction") or case.data["application"]).get("items")
        if isinstance(given, dict) and given.get("results") and ordered:
            seen = given["results"][0]
            given = {**given, "results": [{**seen, "clause": one["clause"]} for one in ordered]}
        return self._of_its_party(case, given)

    def _looked(self, case: Case) -> Any:
        """What was found there, also of what an older form let be ordered in other words."""
        found = look(met=self._met)
        named = {one["clause"] for one in found["results"]}
        ordered = (case.data.get("order_rectification") or {}).get("items", ())
        others = [one["clause"] for one in ordered if one["clause"] not in named]
        finding = "已整改" if self._met else "未整改"
        found["results"] += [
            {"clause": clause, "met": self._met, "finding": finding} for clause in others
        ]
        return found

    def _of_its_party(self, case: Case, given: Any) -> Any:
        """What is usually filled in names the head of the town's own firm."""
        with self.town.session() as session:
            head = session.get_one(Party, case.party_id).representative
        return json.loads(json.dumps(given, ensure_ascii=False).replace("陈志远", head or "陈志远"))

    def _is_bad(self, step: str) -> bool:
        return step.startswith(_BAD)

    # -- who and when ------------------------------------------------------------------------------

    def _takers(self, process: Process, case: Case, step: Step) -> Iterator[tuple[str, str]]:
        for role in engine.roles_now(process, case, step):
            if role.automatic:
                continue
            people = (
                self._of_party(case) if role is Role.APPLICANT else self._of_post(case, (role,))
            )
            if not step.two_officers:
                for by in people[:3]:
                    yield by, ""
            elif len(people) > 1:
                yield people[0], people[1]

    def _of_party(self, case: Case) -> list[str]:
        with self.town.session() as session:
            found = session.scalars(
                select(Account.username)
                .join(Mandate, Mandate.person_id == Account.person_id)
                .where(Mandate.party_id == case.party_id, Mandate.valid_to.is_(None))
                .order_by(Mandate.id)
            ).all()
        return list(dict.fromkeys(found))

    def _of_post(self, case: Case, roles: tuple[Role, ...]) -> list[str]:
        guests = select(Participant.authority_id).where(Participant.case_id == case.id)
        with self.town.session() as session:
            found = session.scalars(
                select(Account.username)
                .join(Post, Post.person_id == Account.person_id)
                .where(
                    Post.role.in_([role.value for role in roles]),
                    or_(Post.authority_id == case.authority_id, Post.authority_id.in_(guests)),
                    Post.valid_to.is_(None),
                )
                .order_by(Post.id)
            ).all()
        return list(dict.fromkeys(found))

    def _wait(self, case: Case) -> bool:
        """Go to the next instant at which something of the family falls due."""
        if self._waits >= _WAITS:
            return False
        self._waits += 1
        family = case.family_id or case.id
        with self.town.session() as session:
            due = session.scalars(
                select(CaseClock.fires_at)
                .join(Case, Case.id == CaseClock.case_id)
                .where(
                    or_(Case.id == family, Case.family_id == family),
                    CaseClock.status == "running",
                    CaseClock.fires_at.is_not(None),
                )
                .order_by(CaseClock.fires_at)
            ).first()
        now = self.town.time.instant
        if due is None:
            due = now + timedelta(days=10)
        if due - self._now > _LONGEST:
            return False
        self.town.time.instant = max(now, due.astimezone(ZONE)) + timedelta(minutes=1)
        local = self.town.time.instant
        if local.hour < 9:
            self.town.time.instant = local.replace(hour=9)
        self._catch_up(case.number)
        return True

    def _catch_up(self, number: str) -> None:
        self.town.office.catch_up(self.town.case(number).id)

    def _last_acts(self, case: Case) -> list[datetime]:
        family = case.family_id or case.id
        with self.town.session() as session:
            return [
                at.astimezone(ZONE)
                for at in session.scalars(
                    select(Case.effective_at).where(
                        or_(Case.id == family, Case.family_id == family, Case.id == case.origin_id)
                    )
                )
            ]

    def _process(self, case: Case) -> Process:
        with self.town.session() as session:
            return self.town.office.versions.by_digest(session, case.version_digest)


def _ground(case: Case) -> str:
    """On which a licence is ended where it stands: the party's own wish, if it may have one."""
    found = {
        ground: (case.state in ending.states, ground == "被许可人申请注销")
        for ground, ending in ENDINGS[case.process].items()
        if not ending.told
        and (not ending.asked or REQUEST_CLOSURE in case.data)
        and (not ending.states or case.state in ending.states)
    }
    return max(found, key=lambda ground: found[ground])


def _moved(process: Process, case: Case, step: Step, far: Mapping[str, int]) -> tuple[int, int]:
    """How far it is to the end before and after a step."""
    most = _NOWHERE
    track = process.track_of(step.name)
    if track is None:
        return far.get(case.state, most), far.get(step.moves[case.state], most)
    at = case.tracks[track.name]
    to = step.moves[at]
    ends = [state.name for state in track.states if state.end]
    if track.overlay and at == track.initial:
        return most, most  # nothing is begun that need not be
    near: dict[str, int] = {}
    for one in ends:
        for state, n in _backward(track.steps, one).items():
            near[state] = min(n, near.get(state, most))
    return near.get(at, most), near.get(to, most)


def _distances(process: Process, end: str) -> Mapping[str, int]:
    """How many steps it is from each state to that end, or to the nearest one."""
    ends = [end] if end else [state.name for state in process.states if state.end]
    found: dict[str, int] = {}
    for one in ends:
        for state, n in _backward(process.steps, one).items():
            found[state] = min(n, found.get(state, n))
    return found


def _backward(steps: tuple[Step, ...], end: str) -> dict[str, int]:
    far, edge = {end: 0}, [end]
    while edge:
        at = edge.pop(0)
        for step in steps:
            if set(step.by) <= {Role.RELATED}:
                continue
            for source, to in step.moves.items():
                if to == at and source not in far:
                    far[source] = far[at] + 1
                    edge.append(source)
    return far
