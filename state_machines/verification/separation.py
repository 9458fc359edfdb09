"""Separation of duties: who must be another person, and whether there can be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from state_machines.language.vocabulary import Process, Role, Step
from state_machines.verification.findings import Finding
from state_machines.verification.lines import by_person, lines, only_by
from state_machines.verification.relations import Family


def check_separation(
    process: Process, processes: Mapping[str, Process], family: Family
) -> Iterator[Finding]:
    """Find separations and second signatures that name nobody, or that nobody can satisfy."""
    for line in lines(process):
        for step in line.steps:
            for kind, message in (*_apart(process, step, processes, family), *_two(step)):
                yield Finding(process.key, kind, message)


def _apart(
    process: Process, step: Step, processes: Mapping[str, Process], family: Family
) -> Iterator[tuple[str, str]]:
    """What a step is kept apart from is another step, of this case or a related one, and both are
    taken by persons."""
    if step.apart_from and not by_person(step):
        yield "apart_from_nobody", f"step {step.name} is taken by no person, so apart from nobody"
        return
    for name in step.apart_from:
        holder, _, inner = name.rpartition(".")
        other = _step(processes, holder or process.key, inner)
        if other is None:
            yield "unknown_step", f"step {step.name} is kept apart from {name}, which is no step"
        elif holder and holder not in family.members:
            yield (
                "unknown_step",
                f"step {step.name} is kept apart from {name}, but no case of {holder} "
                "is ever related to this one",
            )
        elif other is step:
            yield (
                "apart_from_itself",
                f"step {step.name} may not be taken by whoever takes step {step.name}: by nobody",
            )
        elif not by_person(other):
            yield (
                "apart_from_nobody",
                f"step {step.name} is kept apart from {name}, which no person takes",
            )
        elif only_by(step, Role.APPLICANT) and only_by(other, Role.APPLICANT):
            yield (
                "apart_impossible",
                f"both {step.name} and {name} are the applicant's; "
                "an applicant who is one person can never take both",
            )


def _two(step: Step) -> Iterator[tuple[str, str]]:
    barred = [role.label for role in step.by if role.automatic or role is Role.APPLICANT]
    if step.two_officers and barred:
        yield (
            "two_officers_impossible",
            f"step {step.name} wants two certified officers, but is also for {'、'.join(barred)}",
        )


def _step(processes: Mapping[str, Process], key: str, name: str) -> Step | None:
    try:
        return processes[key].step(name)
    except KeyError:
        return None
