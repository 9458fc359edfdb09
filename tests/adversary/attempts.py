"""What is attempted in a case, lawfully: which step, by whom, with which input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from casework.documents import attachments
from casework.kernel import engine
from casework.models import Case, Party
from casework.parts.evidence.register import on_file
from state_machines.language.vocabulary import Process, Step
from tests.support import penalties
from tests.support.journeys import usual
from tests.support.signed import kept_by, scan
from tests.support.town import APPLICANT, START, Town, look

BY_ROLE: Mapping[str, tuple[str, ...]] = {
    "applicant": ("applicant",),
    "window_clerk": ("window",),
    "reviewer": ("reviewer",),
    "approver": ("approver",),
    "inspector": ("inspector1", "inspector2"),
    "legal_reviewer": ("legal",),
    "hearing_chair": ("chair",),
    "supervisor": ("supervisor",),
    "eco_reviewer": ("eco", "eco2"),
    "eco_approver": ("eco_approver",),
    "case_handler": ("handler1", "handler2"),
    "credit_officer": ("credit",),
    "panel_member": ("head1", "head2", "head3"),
}
PENAL = ("penalty", "simple_penalty", "correction_order", "first_offence_exemption")
# What steps begin with that end a case early, or leave the way to a decision: seldom, so that
# walks get far.
_ASIDE = frozenset(
    (
        "terminate", "transfer", "suspend", "withdraw", "refuse", "not_accept", "hand_over",
        "refer", "spare", "return_review", "investigate_further", "convert", "give_up", "reject",
        "ask_recusal", "decide_recusal", "announce", "record_try", "confirm_address",
        "extend_decision", "find_kept", "record_receipt",
    )
)  # fmt: skip
# What ends in a penalty, record, revocation or grant, or leads there next: tried more often.
BEFORE = frozenset(
    (
        "propose", "notify", "reconsider", "decide", "punish", "release", "vary_by_reconsideration",
        "vary_by_litigation", "correct", "propose_undoing", "undo_decision", "notify_revocation",
        "revoke", "record_breach", "refer_penalty", "grant", "decide_health", "decide_eco",
        "reissue", "propose_exemption", "exempt", "approve", "find_false_material",
        "give_prior_notice", "withdraw_by_authority", "decide_ending", "deregister", "cancel",
        "file", "hand_over", "assign", "schedule_hearing", "serve", "serve_notice", "urge",
        "end_execution", "apply_to_court",
    )
)  # fmt: skip
_WEIGHED = ("violation", "gravity", "facts", "basis", "reasons", "measures", "stage", "weight")
# Of what was told or proposed before, a decision says the same.
_SAME = (*_WEIGHED, "kind", "instead", "aggravations", "circumstances", "departure", "mitigations")
_FORMERLY = {
    "notify": ("propose",),
    "reconsider": ("notify",),
    "decide": ("reconsider", "notify"),
    "revoke": ("notify_revocation",),
    "undo_decision": ("propose_undoing",),
}
_SERIOUS = frozenset(("责令停产停业", "吊销许可证件", "责令关闭", "限制从业"))


@dataclass
class Attempt:
    """A step of a case as somebody tries it; without `papers` nothing is handed in for it."""

    case: Case
    process: Process
    step: str
    by: str
    second: str
    given: Any
    on: date | datetime | None = None
    papers: bool = True
    before: list[str] = field(default_factory=list)

    @property
    def declared(self) -> Step | None:
        """The step, if the process has one of that name."""
        return next((one for one in self.process.every_step if one.name == self.step), None)


def steps_of(process: Process, case: Case) -> list[Step]:
    """The steps that somebody may take where the case stands."""
    found = engine.steps_of_state(process, case)
    return [step for step in found if not all(role.automatic for role in step.by)]


def drawn_step(chance: Random, process: Process, case: Case) -> Step | None:
    """One of them; those that lead on more often, the same again seldom."""
    steps = steps_of(process, case)
    if not steps:
        return None
    weights = [_weight(step, case) for step in steps]
    return chance.choices(steps, weights)[0]


def _weight(step: Step, case: Case) -> float:
    before = step.name in BEFORE or sentences(step)
    if not before and any(step.name.startswith(name) for name in _ASIDE):
        return 0.25
    if decides(step):
        return 14.0
    weight = 6.0 if sentences(step) else 4.0 if before or not step.optional else 1.0
    return weight / 6 if step.name in case.data else weight


def sentences(step: Step) -> bool:
    """Whether the step says which measures there are to be, other than by what another decided."""
    if step.name.startswith("vary_"):
        return False
    said = _fields(step).get("measures", {})
    return any(one.get("type") == "array" for one in (said, *said.get("anyOf", ())))


def decides(step: Step) -> bool:
    """Whether the step says of which class the record is to be as well."""
    return sentences(step) and "publicity" in _fields(step)


def lawful(town: Town, chance: Random, process: Process, case: Case, step: Step) -> Attempt:
    """The usual input, with the days of the town, consistent with what the case said before."""
    roles = [
        role.value for role in step.roles_in(_place(process, case, step)) if role.value in BY_ROLE
    ]
    role = chance.choice(roles or ["case_handler"])
    if process.key in PENAL and role == "inspector" and "case_handler" in roles:
        role = "case_handler"
    people = BY_ROLE.get(role, ("handler1",))
    by = people[0] if role != "panel_member" else chance.choice(people)
    if by == "applicant" and not _of_applicant(town, case):
        by = "applicant2"
    second = ""
    if step.two_officers:
        second = people[1] if len(people) > 1 else "inspector2"
    given = _given(town, chance, process, case, step)
    return Attempt(case, process, step.name, by, second, given)


def _place(process: Process, case: Case, step: Step) -> str:
    track = process.track_of(step.name)
    return case.tracks.get(track.name, "") if track else case.state


def _of_applicant(town: Town, case: Case) -> bool:
    with town.session() as session:
        return session.get_one(Party, case.party_id).code == APPLICANT


def _given(town: Town, chance: Random, process: Process, case: Case, step: Step) -> Any:
    days = (town.time.now().date() - START.date()).days
    said = moved(usual(process.key, step.name), days)
    if not isinstance(said, dict):
        return said
    said = dict(said)
    if process.key in PENAL and (step.name != "correct_payment" or "record_payment" in case.data):
        said |= penalties.dated(town, case.number, step.name)
    if step.name in ("inspect", "recheck", "check_site") and process.key not in PENAL:
        said = look(met=chance.random() < 0.4)
    if step.name == "submit_paper":
        return town.sheet(case.number)
    for former in _FORMERLY.get(step.name, ()):
        if former in case.data:
            before = case.data[former]
            fields = _fields(step)
            said |= {name: before[name] for name in _SAME if name in before and name in fields}
            break
    if step.name == "decide" and "measures" in said:
        kinds = {one["kind"] for one in said["measures"]}
        serious = bool(kinds & _SERIOUS)
        said |= {"publicity": "serious" if serious else "minor", "shown": kinds != {"警告"}}
        if kinds == {"警告"}:
            said["outstanding"] = ""
    if "replaces" in said:
        with town.session() as session:
            items = on_file(session, case)
            said["replaces"] = items[0].version if items else 1
    return said


def _fields(step: Step) -> Mapping[str, Any]:
    return (step.form or {}).get("properties", {})


def moved(given: Any, days: int) -> Any:
    """The same with every day in it so many days later."""
    if isinstance(given, Mapping):
        return {name: moved(one, days) for name, one in given.items()}
    if isinstance(given, list):
        return [moved(one, days) for one in given]
    if isinstance(given, str) and len(given) == 10:
        try:
            return (date.fromisoformat(given) + timedelta(days=days)).isoformat()
        except ValueError:
            return given
    return given


def hand_in(town: Town, attempt: Attempt, *materials: str) -> None:
    """Papers for a step, by whoever takes it."""
    number = attempt.case.number
    for item in materials:
        paper = scan(town.case(number), town.time.now(), attempt.by)
        keeper = town.people[kept_by(item, attempt.by)]
        attachments.store(town.office, keeper, number, item, f"{item}.pdf", paper)
