"""Credit repair (信用修复): obligations, training, rectification, verification."""

from __future__ import annotations

from state_machines.credit.repair.facts import (
    KeptByItsCase,
    Obligations,
    PerformedOn,
    Recommended,
    RecordStanding,
    RectificationProof,
    Training,
    Verified,
)
from state_machines.language.vocabulary import Refusal, guard


@guard()
def obligations_are_performed(obligations: Obligations) -> Refusal | None:
    """Nobody applies with the fine unpaid, or without a paper that proves performance."""
    law = "国家发展改革委令第36号、国办发〔2025〕22号"
    if not obligations.outstanding:
        return None
    if not obligations.performed:
        return Refusal(
            "obligation_outstanding",
            f"尚未履行行政决定确定的义务：{obligations.outstanding}，履行后方可申请信用修复",
            law,
        )
    if not obligations.proved:
        return Refusal(
            "performance_unproved", "请先上传履行义务的证明材料（缴款凭证等），再提交申请", law
        )
    return None


@guard(needs_input=True)
def performance_is_past(performed: PerformedOn) -> Refusal | None:
    """What is to come is not performed."""
    if performed.on <= performed.today:
        return None
    return Refusal("performed_in_future", f"履行日期不能晚于{performed.today:%Y-%m-%d}")


@guard()
def record_still_stands(record: RecordStanding) -> Refusal | None:
    """What was quashed is withdrawn by the authority and needs no repair."""
    if not record.overturned:
        return None
    return Refusal(
        "record_corrected",
        "产生该记录的决定已被撤销、变更，记录已经更正，不再公示和使用，无须申请信用修复",
        "《行政处罚法》第四十八条第二款",
    )


@guard()
def performance_is_registered_here(kept: KeptByItsCase) -> Refusal | None:
    """What was paid of a penalty stands in the books of the penalty, and nowhere else."""
    if not kept.case:
        return None
    return Refusal(
        "performance_kept_elsewhere",
        f"处罚决定的履行以处罚案件{kept.case}登记的缴款、执行情况为准，请在该案件中登记",
        "《行政处罚法》第六十七条",
    )


@guard()
def training_is_done(training: Training) -> Refusal | None:
    """Where training is asked for, a certificate that is still good is there."""
    if training.certificate or not training.required:
        return None
    return Refusal(
        "training_missing",
        "尚未取得有效的信用修复培训合格证书，请先参加“信用培训考试”",
        "本机关信用修复规定",
    )


@guard(needs_input=True)
def rectification_is_shown(proof: RectificationProof) -> Refusal | None:
    """What was put right is shown by a report, and lies behind."""
    law = "国办发〔2025〕22号"
    if not proof.reported:
        return Refusal("rectification_unproved", "请先上传整改报告（附照片、凭证），再提交", law)
    if proof.finished_on > proof.today:
        return Refusal("rectified_in_future", f"整改完成日期不能晚于{proof.today:%Y-%m-%d}", law)
    return None


@guard(needs_input=True)
def verification_finds_all_met(verified: Verified) -> Refusal | None:
    """Whoever finds an item not in order cannot find that all is."""
    if not verified.unmet:
        return None
    return Refusal(
        "items_unmet",
        f"核查发现不符合：{'、'.join(verified.unmet)}，不能认定核查通过",
        "国办发〔2025〕22号",
    )


@guard(needs_input=True)
def verification_finds_a_fault(verified: Verified) -> Refusal | None:
    """A verification fails on something."""
    if verified.unmet:
        return None
    return Refusal("all_met", "各项核查结果均为符合，不能认定未通过", "国办发〔2025〕22号")


@guard(needs_input=True)
def remote_verification_is_pictured(verified: Verified) -> Refusal | None:
    """What was seen by video is kept as pictures."""
    if not verified.remote or verified.pictures:
        return None
    return Refusal(
        "verification_without_pictures",
        "视频核查须留存画面，请先上传核查照片",
        "《行政处罚法》第四十七条",
    )


@guard()
def repair_is_recommended(recommended: Recommended) -> Refusal | None:
    """The credit officer has examined it before the head decides (双人审批)."""
    if recommended.given:
        return None
    return Refusal(
        "not_recommended", "信用管理员尚未提出审核意见，不能作出决定", "本机关信用修复规定"
    )
