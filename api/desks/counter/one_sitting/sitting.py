"""The stages of a sitting (办理环节): what is taken at one go, and where a case stands in it.

Which steps go together is said by the `counter_sittings.py` of a topic; each is taken by the one
door, in a transaction of its own. Where one is refused the sitting goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from api.cases import prefilling
from api.html import filling
from api.html import form_fields as forms
from api.html.site import Visit, acting
from casework import reading
from casework.common.problems import NotFound, Problem, bad_field
from casework.people.mandates import MandateView, mandates_of
from casework.reading import CaseView, StepView
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Process, Role, Step

ASKED = "_asked"  # the steps whose forms were on the page
SAID_ALL = "_said_all."  # before the name of a step: all that it has confirmed was confirmed


@cache
def sittings() -> Mapping[str, Sequence[Sequence[str]]]:
    """The steps of each stage, by the key of the process."""
    topics = modules_named("counter_sittings", "api")
    return {key: stages for topic in topics for key, stages in topic.SITTINGS.items()}


@dataclass(frozen=True)
class Ahead:
    """A step of the present stage, and what its form begins with. `view` says why it cannot be
    taken yet; None as long as another comes before it."""

    step: Step
    guide: forms.Guide
    view: StepView | None

    @property
    def by_party(self) -> bool:
        """Whether it is the party's own, taken for it by the clerk whom it stands before."""
        return Role.WINDOW_CLERK not in self.step.by

    def values(self, visit: Visit) -> forms.Values:
        """What was posted for its form; what was confirmed together is confirmed each."""
        posted = visit.posted
        if not posted.text(SAID_ALL + self.step.name):
            return posted.values
        fields = forms.fields(self.step.form, {}, self.guide)
        return {**posted.values, **{f.name: ["true"] for f in fields if f.kind == "confirm"}}


@dataclass(frozen=True)
class Sitting:
    """Where a case stands: the labels of the stages, with the `place` of the present one (from 0,
    past the last if all is done), the steps ahead in it, and who may be present."""

    case: CaseView
    stages: tuple[tuple[str, ...], ...]
    place: int
    ahead: tuple[Ahead, ...]
    present: tuple[MandateView, ...]

    @property
    def over(self) -> bool:
        """Whether all of it is done."""
        return self.place == len(self.stages)

    @property
    def elsewhere(self) -> bool:
        """Whether the case has left the way that one sitting takes."""
        return bool(self.ahead) and self.ahead[0].view is None

    def awaits(self, visit: Visit) -> bool:
        """Whether what was posted is for the steps ahead; an opening goes with the first stage."""
        asked = visit.posted.values.get(ASKED) or sittings()[self.case.process][0]
        return {ahead.step.name for ahead in self.ahead} <= set(asked)


def sitting_of(visit: Visit, number: str) -> Sitting:
    """Where a case stands in its sitting. Raises NotFound if it is not one that is dealt with at
    one sitting by this clerk."""
    office, actor = visit.office, acting(visit)
    with office.database.session() as session:
        case = reading.case_view(office, session, actor, number)
        process = office.versions.by_digest(session, case.declaration)
        stages = sittings().get(case.process, ())
        if not (stages and case.as_officer and _known(process, stages)):
            raise NotFound("本案不在窗口一次办结")
        views = {view.name: view for view in reading.steps_view(office, session, actor, number)}
        log = reading.log_view(office, session, actor, number)
        place, left = _reached(stages, {line.name for line in log if line.kind == "step"})
        return Sitting(
            case=case,
            stages=tuple(tuple(process.step(name).label for name in stage) for stage in stages),
            place=place,
            ahead=tuple(
                Ahead(
                    process.step(name),
                    prefilling.for_step(visit, session, case, name),
                    views.get(name),
                )
                for name in left
            ),
            present=tuple(
                m for m in mandates_of(office, session, actor, case.party.code) if m.holds
            ),
        )


def beside(visit: Visit, process: Process) -> tuple[forms.Field, ...]:
    """What the steps that follow the application at once may be told in writing, and rarely are."""
    following = (process.step(name) for name in sittings()[process.key][0])
    typed, guide = visit.posted.values, forms.Guide()
    fields = (field for step in following for field in forms.fields(step.form, typed, guide))
    return tuple(field for field in fields if field.kind == "text" and not field.required)


def take(visit: Visit, sitting: Sitting, present: int | None) -> None:
    """Take the steps of the present stage, with what was posted for each.

    Raises a Problem that says in `extra["step"]` which of them was refused; those before it are
    taken.
    """
    version = visit.posted.number("_version", digits=8)
    version = sitting.case.version if version is None else version
    for ahead in sitting.ahead:
        given, _ = forms.read(ahead.step.form, ahead.values(visit), ahead.guide)
        try:
            version = visit.office.advance(
                sitting.case.number,
                ahead.step.name,
                given,
                acting(visit),
                version=version,
                mandate=_mandate(sitting, present) if ahead.by_party else None,
                key=f"{visit.posted.text('_key')}.{ahead.step.name}",
            ).version
        except Problem as problem:
            problem.extra["step"] = ahead.step.name
            raise


def shown(
    visit: Visit, sitting: Sitting, problem: Problem | None = None
) -> list[tuple[Ahead, filling.Filling]]:
    """The forms of the steps ahead, with what was typed and what is wrong with it."""
    return [(ahead, _shown(visit, ahead, problem)) for ahead in sitting.ahead]


def _shown(visit: Visit, ahead: Ahead, problem: Problem | None) -> filling.Filling:
    schema, guide, name = ahead.step.form, ahead.guide, ahead.step.name
    its_own = problem if problem and problem.extra.get("step") == name else None
    if its_own is None and name not in visit.posted.values.get(ASKED, ()):
        return filling.begin(visit, schema, guide)
    _, names = forms.read(schema, visit.posted.values, guide)
    return filling.again(visit, schema, guide, names, its_own)


def _known(process: Process, stages: Sequence[Sequence[str]]) -> bool:
    """Whether the case's version has all of these steps."""
    return {name for stage in stages for name in stage} <= {step.name for step in process.steps}


def _reached(stages: Sequence[Sequence[str]], taken: set[str]) -> tuple[int, list[str]]:
    """The place of the first stage that is not done, and what is left of it."""
    for place, stage in enumerate(stages):
        if left := [name for name in stage if name not in taken]:
            return place, left
    return len(stages), []


def _mandate(sitting: Sitting, present: int | None) -> int:
    """Raises BadInput if nobody who may act for the party was chosen."""
    if present not in {mandate.id for mandate in sitting.present}:
        raise bad_field("_mandate", "到场人员", "请选择到场的代表人或者代理人")
    return present
