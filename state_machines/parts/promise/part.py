"""告知承诺 in an application that goes on from a licence (延续、变更): as for the new licence.

The 告知书 is given, the education done, the 承诺书 signed while nothing stands on the record; what
was granted on it is checked afterwards. Whoever makes no promise is decided on by the head of the
authority, after two officers have looked. 国办发〔2020〕42号, 国发〔2021〕7号.
Steps stay in the state in which they are taken and hold in cases of every version.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import (
    Effect,
    Guard,
    Issue,
    JsonObject,
    LegalDay,
    Notify,
    OpenCase,
    Proceed,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.looks import guards as looks
from state_machines.parts.promise import forms, guards

_LAW = "国办发〔2020〕42号"
_APPLICANT = (Role.APPLICANT,)

# What a grant of such an application asks for, besides what else its process does.
GRANTING: tuple[Guard, ...] = (
    guards.conditions_are_shown,
    guards.paper_promise_is_kept,
    guards.window_grants_on_promise,
)
# What follows from a grant that rests on a promise, and what the check is told.
CHECKING: Effect = Proceed(("plan_check",))
_CHECKED = {
    "place_name": "application.place_name",
    "place_kind": "application.place_kind",
    "address": "application.address",
    "licence_number": "application.licence",
    "promised_on": "@date:commit",
}


def turning(moves: Mapping[str, str], *, asking: tuple[Guard, ...] = ()) -> Step:
    """The authority turns what cannot be granted on a promise into the ordinary procedure, with
    reasons, and tells the applicant. The time to decide (许可法42) runs on from the acceptance."""
    return Step(
        "turn_to_ordinary",
        "不适用告知承诺，转一般程序",
        moves,
        (Role.APPROVER,),
        form=schema(forms.OrdinaryRoute),
        guards=asking,
        effects=(Issue("ordinary_route_notice"), Notify("party"), Notify(Role.REVIEWER)),
        law=f"《行政许可法》第三十四条、第四十二条、{_LAW}",
        optional=True,
        in_every_version=True,
    )


def promising(
    *states: str, look: JsonObject, granted: str, asking: tuple[Guard, ...] = ()
) -> tuple[Step, ...]:
    """The steps from the notice to the promise, in `states` and under the guards `asking`; or else
    the look of two officers, on the form `look`. The check afterwards is planned in the state
    `granted`."""
    return (
        Step(
            "inform",
            "告知许可条件和责任",
            during(*states),
            (Role.WINDOW_CLERK,),
            guards=asking,
            effects=(Issue("inform_notice"), Notify("party")),
            law=_LAW,
            in_every_version=True,
        ),
        Step(
            "study",
            "学习准入前诚信教育",
            during(*states),
            _APPLICANT,
            form=schema(forms.Answers),
            guards=(*asking, guards.party_is_informed, guards.questions_are_answered),
            law=_LAW,
            in_every_version=True,
        ),
        Step(
            "commit",
            "签署承诺书",
            during(*states),
            _APPLICANT,
            form=schema(forms.CommitmentToGoOn),
            guards=(
                *asking,
                guards.party_is_informed,
                guards.may_sign_promise,
                guards.education_is_done,
                guards.credit_allows_promise,
            ),
            effects=(Issue("commitment_letter"), Notify(Role.WINDOW_CLERK)),
            law=_LAW,
            in_every_version=True,
        ),
        Step(
            "decline",
            "不作承诺，按一般程序办理",
            during(*states),
            _APPLICANT,
            guards=(*asking, guards.party_is_informed),
            effects=(Notify(Role.REVIEWER),),
            law=_LAW,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "withdraw_commitment",
            "撤回承诺，转一般程序",
            during(*states),
            _APPLICANT,
            form=schema(Reasoned),
            guards=(guards.promise_was_made,),
            effects=(Notify(Role.REVIEWER),),
            law=_LAW,
            optional=True,
            in_every_version=True,
        ),
        turning(during(*states), asking=(guards.promise_was_made,)),
        Step(
            "check_site",
            "核查许可条件",
            during(*states),
            (Role.REVIEWER, Role.INSPECTOR),
            form=look,
            guards=(looks.remote_look_is_shown,),
            effects=(Issue("look_record"), Notify("party")),
            law="《行政许可法》第三十四条第三款",
            two_officers=True,
            optional=True,
            legal_day=LegalDay.AWAY,
            in_every_version=True,
        ),
        Step(
            "plan_check",
            "安排事后核查",
            during(granted),
            (Role.RELATED,),
            guards=(guards.promise_was_made,),
            effects=(OpenCase("commitment_check", "check", _CHECKED, when="commit.signer"),),
            law="国办发〔2020〕42号、《行政许可法》第六十一条",
            in_every_version=True,
        ),
    )
