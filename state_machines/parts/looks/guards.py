"""Looks and checks (核查): appointment, officers, findings."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.looks.facts import (
    Appointment,
    Assignment,
    Findings,
    NamedInspectors,
    Referral,
    RemoteLook,
    Tries,
)


@guard(needs_input=True)
def look_is_ahead(appointment: Appointment) -> Refusal | None:
    """A look is booked for a day to come, and before the decision is due."""
    if appointment.today <= appointment.on <= appointment.latest:
        return None
    return Refusal(
        "look_day_wrong",
        f"预约日期应在{appointment.today:%Y-%m-%d}至{appointment.latest:%Y-%m-%d}之间",
        "《行政许可法》第三十四条、第四十二条",
    )


@guard(needs_input=True)
def remote_look_is_shown(look: RemoteLook) -> Refusal | None:
    """A look by video was booked, and what was seen is kept as pictures."""
    law = "《行政许可法》第三十四条第三款"
    if not look.remote:
        return None
    if not look.booked:
        return Refusal("look_not_booked", "视频核查须先预约，请先办理“预约核查（踏勘）”", law)
    if not look.pictures:
        return Refusal("look_without_pictures", "视频核查须留存画面，请先上传踏勘照片", law)
    return None


@guard(needs_input=True)
def tried_often_enough(tries: Tries) -> Refusal | None:
    """Nobody is out of reach before the tries that the authority's rule asks for."""
    if tries.made >= tries.least:
        return None
    return Refusal(
        "too_few_tries",
        f"至少联系 {tries.least} 次仍无法联系，方可记录为无法联系，现为 {tries.made} 次",
    )


@guard(needs_input=True)
def two_certified_are_named(named: NamedInspectors) -> Refusal | None:
    """At least two officers with valid certificates are sent."""
    law = "《行政处罚法》第四十二条、《行政许可法》第三十四条第三款"
    if named.count < 2:
        return Refusal("two_officers", "核查须指派两名以上不同的执法人员", law)
    if named.uncertified:
        return Refusal(
            "certificate_invalid", f"执法证件无效或已过期：{'、'.join(named.uncertified)}", law
        )
    return None


@guard()
def officers_are_assigned(assignment: Assignment) -> Refusal | None:
    """Only the officers whom the assignment named may check."""
    if not assignment.strangers:
        return None
    return Refusal(
        "not_assigned",
        f"{'、'.join(assignment.strangers)}不是本次核查指派的执法人员",
        "《行政处罚法》第四十二条",
    )


@guard(needs_input=True)
def referral_is_possible(referral: Referral) -> Refusal | None:
    """What is referred is a violation of the catalogue on days that can be, and once at a time."""
    law = "《行政处罚法》第五十四条"
    if referral.under_way:
        return Refusal(
            "already_referred", f"已另案办理（{referral.under_way}），尚未办结，不能重复移送", law
        )
    if referral.unknown:
        return Refusal(
            "violation_unknown", f"案由库中没有“{referral.unknown}”，请在案由库中查找代码", law
        )
    if not referral.act_on <= referral.found_on <= referral.today:
        return Refusal(
            "lead_dates_wrong",
            "违法行为发生日期不能晚于发现日期，发现日期不能晚于今天，请核对",
            "《行政处罚法》第三十六条",
        )
    return None


@guard()
def promise_is_kept(findings: Findings) -> Refusal | None:
    """Every clause was found kept at the latest look."""
    if not findings.broken:
        return None
    return Refusal(
        "clauses_broken",
        f"核查发现未履行承诺：{'、'.join(findings.broken)}，不能认定履约",
        "国办发〔2020〕42号",
    )


@guard()
def promise_is_not_kept(findings: Findings) -> Refusal | None:
    """At least one clause was found broken at the latest look."""
    if findings.broken:
        return None
    return Refusal("all_kept", "核查结果均为履约，没有需要处理的承诺事项", "国办发〔2020〕42号")
