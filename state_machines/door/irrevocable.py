"""Which steps cannot be taken back (不可撤回), and why: derived from the declaration.

Pages ask before each of them. It is derived and not ticked by hand, so that it holds for a case of
every version and that a new process cannot forget it; what a declaration cannot show it says with
`asks`. A step that only moves the case on its usual way does not ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from state_machines.language.vocabulary import (
    ContinueParty,
    Effect,
    Issue,
    Process,
    Publish,
    ReclassCredit,
    RecordCredit,
    Recuse,
    RepairCredit,
    Role,
    Step,
    TakeDown,
    Track,
    Withdraw,
)
from state_machines.parts.remedies.forms import BRING_BACK

# What such an effect leaves behind stands outside the case, where no step of it reaches.
_OUTSIDE: Mapping[type[Effect], str] = {
    Publish: "列入公示",
    Withdraw: "撤回公示",
    TakeDown: "终止公示",
    RecordCredit: "记入信用记录",
    ReclassCredit: "改列信用记录的类别",
    RepairCredit: "信用记录按已修复处理",
    ContinueParty: "信用档案由本代码延续",
    Recuse: "回避决定对本案及其关联案件生效",
}
_HEADS = frozenset({Role.APPROVER, Role.ECO_APPROVER})


@dataclass(frozen=True)
class Ground:
    """Why a step cannot be taken back; `text` says it to whoever is about to take it."""

    key: str
    text: str

    @property
    def says_more(self) -> bool:
        """Whether it says more than that, and than what the step is seen to do."""
        return self.key not in ("declared", "outside")


def grounds(process: Process, step: Step, source: str) -> tuple[Ground, ...]:
    """Why the step cannot be taken back once it is taken in the state `source`; nothing if it can
    be, or only moves the case on its way."""
    return _found(process, step.name, source)


def given_up(process: Process, step: Step, source: str) -> tuple[Step, ...]:
    """The steps that the case waits for from its party in `source`, and that the party can never
    take any more once this one is taken there; of several those that would take the case on."""
    steps = _beside(process, step)
    after = _reached(steps, step.moves[source])
    lost = tuple(
        other
        for other in steps
        if other is not step
        and Role.APPLICANT in other.roles_in(source)
        and other.awaited_in(source)
        and not after & set(other.moves)
    )
    return tuple(other for other in lost if other.moves[source] != source) or lost


@cache
def _found(process: Process, name: str, source: str) -> tuple[Ground, ...]:
    """Why the step cannot be taken back, taken from that state; empty if it can."""
    step = process.step(name)
    found = list(_grounds(process, step, source))
    if (step.final or step.asks) and {ground.key for ground in found} <= {"outside"}:
        found.insert(0, Ground("declared", "办理后不能撤回"))
    return tuple(found)


def _grounds(process: Process, step: Step, source: str) -> Iterator[Ground]:
    target = step.moves[source]
    by, track = step.roles_in(source), process.track_of(step.name)
    # A branch ends with an opinion in writing; otherwise what follows may still put it right.
    opinion = any(isinstance(effect, Issue) for effect in step.effects)
    if _ends(process, track, source, target) and (opinion or not track):
        what = "本环节" if track else "本案"
        label = process.state(target).label
        yield Ground("ends", f"{what}到此办结（{label}），不能再办理其他步骤")
    if target != source and source not in _reached(_beside(process, step), target):
        if Role.APPLICANT in by and step.optional:
            yield Ground("gives_up", _lost(process, step, source))
        if {role for role in by if not role.automatic} <= _HEADS:
            text = f"决定一经作出，不能退回“{process.state(source).label}”重新决定"
            yield Ground("decides", text)
    for bound in process.binds:
        # A notice that is its own draft can be given anew; what others drafted is passed once.
        if step.name in bound.by and step.name not in bound.drafts:
            text = f"{bound.label}的内容就此固定，决定须与其一致；要改动的，须重新办理{bound.label}"
            yield Ground("binds", text)
        elif bound.dispensed_by(step):
            yield Ground("dispenses", f"本案不再经过{bound.label}")
    if any(c.extension and c.extension.step == step.name for c in process.every_clock):
        yield Ground("extends", "期限只能延长一次，延长后不能撤回")
    causes = {type(effect) for effect in step.effects}
    if outside := [text for kind, text in _OUTSIDE.items() if kind in causes]:
        yield Ground("outside", f"有下列情形的，一并生效，不能撤回：{'、'.join(outside)}")


def _ends(process: Process, track: Track | None, source: str, target: str) -> bool:
    """An overlay never ends: a later step leaves any state of it."""
    overlay = track is not None and track.overlay
    return process.state(target).end and not process.state(source).end and not overlay


def _lost(process: Process, step: Step, source: str) -> str:
    if lost := given_up(process, step, source):
        return f"办理后不能再“{'”“'.join(other.label for other in lost)}”"
    return f"办理后不能回到“{process.state(source).label}”"


def _beside(process: Process, step: Step) -> tuple[Step, ...]:
    """The steps of the same line: of the case itself, or of the step's track."""
    track = process.track_of(step.name)
    return track.steps if track else process.steps


def _reached(steps: tuple[Step, ...], state: str) -> set[str]:
    """Every state that may come after `state`, itself included. Where only another case, the law or
    a court would lead, nobody can lead the case back."""
    steps = tuple(s for s in steps if set(s.by) != {Role.RELATED} and s.name != BRING_BACK)
    found, ahead = {state}, [state]
    while ahead:
        at = ahead.pop()
        new = {step.moves[at] for step in steps if at in step.moves} - found
        found |= new
        ahead += new
    return found
