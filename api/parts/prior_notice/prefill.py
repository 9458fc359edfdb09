"""What a decision begins with of which the party was told before (预填): what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide

_TOLD = ("facts", "basis")


def _as_told(desk: Desk) -> Guide:
    told = desk.given("give_prior_notice")
    return Guide(
        begin={name: told[name] for name in _TOLD if name in told},
        note="事实和依据应当与事先告知书一致；需要改动的，应当重新告知。",
    )


def _answered(desk: Desk) -> Guide:
    answer = desk.given("answer_prior_notice").get("text")
    said = f"当事人陈述申辩称：{answer}" if answer else "当事人在期限内未提出陈述申辩"
    as_told = _as_told(desk)
    return replace(as_told, begin={**as_told.begin, "considered": said})


def _false_application(desk: Desk) -> Guide:
    return _told_as(desk.given("give_prior_notice").get("facts"))


def _false_application_eco(desk: Desk) -> Guide:
    own = desk.given("give_prior_notice_eco") or desk.given("give_prior_notice")
    return _told_as(own.get("facts"))


def _told_as(told: Any) -> Guide:
    if not told:
        return Guide()
    note = "以提供虚假材料为由不予许可的，查明的事实应当与事先告知书一致。"
    return Guide(begin={"facts": told}, note=note)


STEPS: Mapping[str, Prefiller] = {
    "licence.withdraw_by_authority": _as_told,
    **dict.fromkeys(
        (
            "credit_repair.find_false_material",
            "food_standard.annul_filing",
            "licence.decide_ending",
            "diagnosis_licence.decide_ending",
            "safety_licence.decide_ending",
        ),
        _answered,
    ),
    "instant_licence.refuse": _false_application,
    "one_matter.refuse_health": _false_application,
    "one_matter.refuse_eco": _false_application_eco,
    "single_health.refuse_health": _false_application,
    "single_eco.refuse_eco": _false_application,
}
