"""现场笔录与询问笔录: what officers write down before somebody, in any procedure of enforcement.

《行政处罚法》第四十二条、第四十三条、第四十七条、第五十五条. Processes compose these steps; the
states they name are theirs. Each record is kept in the evidence register by itself.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Guard,
    Issue,
    KeepEvidence,
    LegalDay,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.evidence.forms import Kind
from state_machines.parts.records import forms
from state_machines.parts.records import guards as records

SCENE, STATEMENT, FOOTAGE = Kind.RECORD.value, Kind.STATEMENT.value, Kind.FOOTAGE.value
SIGNED = (records.record_is_signed_or_says_why,)
_MADE = (
    records.record_ends_after_it_began,
    *SIGNED,
    records.corrections_are_initialled,
)


def scene_record(*states: str, by: tuple[Role, ...], guards: tuple[Guard, ...] = ()) -> Step:
    """A record of what was found on the spot, for cases in these states, which they stay in."""
    return Step(
        "record_scene",
        "制作现场笔录",
        during(*states),
        by,
        form=schema(forms.SceneRecord),
        guards=(*guards, *_MADE),
        effects=(
            Issue("scene_record"),
            KeepEvidence(SCENE, "现场笔录", document="scene_record"),
            KeepEvidence(
                FOOTAGE,
                "现场检查音像记录",
                described="record_scene.video",
                when="record_scene.video",
            ),
        ),
        law="《行政处罚法》第四十二条、第四十七条、第五十五条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    )


def interview_record(*states: str, by: tuple[Role, ...], guards: tuple[Guard, ...] = ()) -> Step:
    """A record of questions and answers, for cases in these states, which they stay in."""
    return Step(
        "record_interview",
        "制作询问笔录",
        during(*states),
        by,
        form=schema(forms.InterviewRecord),
        guards=(*guards, *_MADE),
        effects=(
            Issue("interview_record"),
            KeepEvidence(STATEMENT, "询问笔录", document="interview_record"),
            KeepEvidence(
                FOOTAGE,
                "询问音像记录",
                described="record_interview.video",
                when="record_interview.video",
            ),
        ),
        law="《行政处罚法》第四十二条、第四十三条、第五十五条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    )


def records_of(
    *states: str, by: tuple[Role, ...], guards: tuple[Guard, ...] = ()
) -> tuple[Step, ...]:
    """Both records."""
    return (
        scene_record(*states, by=by, guards=guards),
        interview_record(*states, by=by, guards=guards),
    )
