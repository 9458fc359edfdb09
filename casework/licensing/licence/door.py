"""A licence opens on proof of its conditions, and what was struck off comes back only as far as
nothing else took it (恢复效力), in cases of every version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import deeds
from casework.acts.dossier import Header
from casework.acts.handed_in import kept_since
from casework.acts.successions import line_of
from casework.common.typed_inputs import Inputs
from casework.licensing.penalised import standing_licence as penalised
from casework.models import Case, Place
from casework.parts.remedies.decision_in_force import overturned
from state_machines.checks.commitment_check.forms import FIND_KEPT, INSPECT, RECHECK, REVOKE
from state_machines.language.vocabulary import Refusal
from state_machines.licences import LICENCES
from state_machines.licensing.licence.forms import (
    CANCEL,
    CONFIRM_READY,
    PROVE_CONDITIONS,
    Licence,
)
from state_machines.parts.remedies.forms import BRING_BACK

_PROOF = "conditions_proof"
_LAW = "《行政许可法》第七十条、《行政复议法》第六十四条、《行政诉讼法》第七十条"


def refusals(act: Act) -> list[Refusal]:
    """What stands against opening on conditions promised for later, and against bringing back a
    licence that was struck off."""
    if act.step.name in (PROVE_CONDITIONS, CONFIRM_READY):
        return _of_conditions(act)
    if act.process.key not in LICENCES or act.step.name != BRING_BACK:
        return []
    moved = (
        header for header in reversed(act.dossier.headers) if header["target"] == "deregistered"
    )
    struck_off = next((one for one in moved if one["source"] != one["target"]), None)
    if act.case.state != "deregistered" or struck_off is None:
        return []
    found = (*_still_taken(act, struck_off["source"]), *_given_anew(act, struck_off))
    return [Refusal(*one, _LAW) for one in found]


def _of_conditions(act: Act) -> list[Refusal]:
    """That conditions are met is shown by what their holder hands in, and somebody else takes in
    and confirms, or by a look of two officers (许可法61): a sentence shows nothing."""
    papers = kept_since(act, _PROOF, -1)
    if act.step.name == CONFIRM_READY:
        confirming = {officer.person_id for officer in act.execution.officers}
        papers = [paper for paper in papers if paper.person_id not in confirming]
    if papers or (act.step.name == CONFIRM_READY and _seen_to_be_met(act)):
        return []
    text = (
        "承诺的条件已经具备，没有证明：请持证人（或者由受理人员代收）先上传“承诺的条件已经具备的证明材料”，"
        "由材料接收人以外的工作人员确认；没有材料的，由两名执法人员核查认定履约后确认"
    )
    return [Refusal("conditions_unproved", text, "国发〔2021〕7号、《行政许可法》第六十一条")]


def _seen_to_be_met(act: Act) -> bool:
    """Whether a check found the promise kept by a look that came after the holder's report."""
    reported = act.dossier.last_step(PROVE_CONDITIONS)
    checks = [
        relative.id for relative in act.dossier.family if relative.process == "commitment_check"
    ]
    kept = [check for check in checks if FIND_KEPT in Inputs(act.session.get_one(Case, check).data)]
    if reported is None or not kept:
        return False
    since = datetime.fromisoformat(reported["effective_at"])
    return any(
        case in kept
        and header["name"] in (INSPECT, RECHECK)
        and datetime.fromisoformat(header["effective_at"]) >= since
        for case, _, header in deeds(act.session, act.case)
    )


def _given_anew(act: Act, struck_off: Header) -> Iterator[tuple[str, str]]:
    """A licence of the kind that its holder was given for the place since. (Of one for a public
    place a guard asks, whoever holds it.)"""
    if act.process.key == "licence" or act.case.place_id is None:
        return
    # Whoever grants one for the place now waits, or is seen.
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    others = act.session.scalars(
        select(Case)
        .where(
            Case.process == act.process.key,
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            Case.place_id == act.case.place_id,
            Case.id != act.case.id,
            Case.opened_at >= datetime.fromisoformat(struck_off["recorded_at"]),
            Case.state.in_(LICENCES[act.process.key]),
        )
        .order_by(Case.id)
    )
    for other in others:
        number = Inputs(other.data).application(Licence).number
        yield (
            "licensed_anew",
            f"注销以后已另行核发{act.process.label}（{number}），依法处理该许可后方可恢复本证",
        )


def _still_taken(act: Act, source: str) -> Iterator[tuple[str, str]]:
    """What ended the licence before it was struck off in that state, and ends it still."""
    if source == "expired":
        yield "licence_expired", "许可证有效期届满后注销，撤销注销决定不能恢复许可：请重新申请许可"
    if source == "cancelled":
        number = penalised.number_taken_by(act.case, CANCEL)
        penalty = penalised.penalty_numbered(act.session, number, act.case)
        if penalty and not penalised.undone(penalty, penalised.TAKES[CANCEL], act.day):
            yield (
                "penalty_stands",
                f"许可证已被处罚决定“{number}”吊销，该决定未被撤销、变更，许可不能恢复",
            )
    if source == "revoked":
        checks = [
            relative.id for relative in act.dossier.family if relative.process == "commitment_check"
        ]
        for check in (act.session.get_one(Case, one) for one in checks):
            inputs = Inputs(check.data)
            if REVOKE in inputs and check.state != "reinstated" and not overturned(inputs):
                yield (
                    "revocation_stands",
                    f"许可已由案件{check.number}撤销，该决定现行有效，许可不能恢复",
                )
