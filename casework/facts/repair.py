"""Credit repair (信用修复): obligations, training, rectification, verification."""

from __future__ import annotations

from sqlalchemy import func, select

from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.facts.given import day_of, handed_in
from casework.models import Attachment
from casework.training import certificate_of
from state_machines.facts.repair import (
    Obligations,
    PerformedOn,
    Recommended,
    RectificationProof,
    Training,
    Verified,
)
from state_machines.forms.common import LookMode


def _obligations(act: Act) -> Obligations:
    return Obligations(
        act.data["application"]["outstanding"],
        "record_performance" in act.data,
        "performance_proof" in handed_in(act),
    )


def _performed_on(act: Act) -> PerformedOn:
    return PerformedOn(day_of(act.input.get("performed_on")) or act.day, act.day)


def _training(act: Act) -> Training:
    required = act.rules.value("repair.require_training", act.day, act.region)
    certificate = certificate_of(act.session, act.rules, act.case.party_id, act.day)
    return Training(bool(required["department"]), certificate or "")


def _rectification(act: Act) -> RectificationProof:
    finished = day_of(act.input.get("finished_on")) or act.day
    return RectificationProof("rectification_report" in handed_in(act), finished, act.day)


def _verified(act: Act) -> Verified:
    pictures = act.session.scalar(
        select(func.count()).where(
            Attachment.case_id == act.case.id, Attachment.material == "look_picture"
        )
    )
    return Verified(
        tuple(one["clause"] for one in act.input.get("results", ()) if not one["met"]),
        act.input.get("mode") == LookMode.VIDEO.value,
        pictures or 0,
    )


def _recommended(act: Act) -> Recommended:
    return Recommended(act.latest(("recommend", "verify", "fail_verification")) == "recommend")


GATHERERS: Gatherers = {
    Obligations: _obligations,
    PerformedOn: _performed_on,
    Recommended: _recommended,
    RectificationProof: _rectification,
    Training: _training,
    Verified: _verified,
}
