"""Parties whose code changed (主体代码变更): one continues one, and with proof."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parties.code_change.facts import (
    ActingForOld,
    ChangeProof,
    ContinuedCode,
    FormerParty,
)

_LAW = "《市场主体登记管理条例》第二十四条"


@guard()
def old_code_may_be_continued(old: ContinuedCode) -> Refusal | None:
    """The old code is that of another party of the same kind, which nobody continues yet."""
    if not old.registered:
        return Refusal(
            "old_code_unknown", f"没有代码为“{old.code}”的当事人，没有需要延续的记录", _LAW
        )
    if old.own:
        return Refusal("old_code_own", "变更前后的代码相同，没有变更", _LAW)
    if old.other_kind:
        return Refusal(
            "old_code_other_kind",
            "自然人与单位不是同一主体，一方的信用记录不能由另一方延续",
            _LAW,
        )
    if old.continued_by:
        return Refusal(
            "old_code_continued",
            f"代码“{old.code}”已经登记由“{old.continued_by}”延续，一个代码只能由一个代码延续；"
            "认为原登记有误的，请提出信用异议",
            _LAW,
        )
    if old.circular:
        return Refusal("old_code_circular", f"本代码已经由“{old.code}”延续，不能相互延续", _LAW)
    return None


@guard()
def nobody_acts_for_the_old_party(acting: ActingForOld) -> Refusal | None:
    """Whoever represents the party of the old code keeps out of it (回避), as the door has it for
    the party of the case."""
    if not acting.names:
        return None
    return Refusal(
        "own_case",
        f"{'、'.join(acting.names)}是变更前代码的代表人或代理人，应当回避",
        "《公务员法》第七十六条",
    )


@guard()
def former_party_is_the_same(former: FormerParty) -> Refusal | None:
    """Whoever goes on under another code bears the name and has the head that it had: what changed
    of these is registered first, by its own papers."""
    if not former.differing:
        return None
    return Refusal(
        "old_code_other_subject",
        f"变更前后的代码登记的{'、'.join(former.differing)}不一致，不能认定为同一主体："
        "该事项也已变更的，请先凭登记机关的文件更正当事人登记，再办理代码变更",
        _LAW,
    )


@guard()
def former_party_was_heard(former: FormerParty) -> Refusal | None:
    """A party that still acts under its old code is told before another goes on in its name, and
    has time to object (民法典57: its rights are its own), unless its own head agreed."""
    if not former.lives or former.agreed or former.over:
        return None
    if former.until is None:
        text = "还没有告知变更前代码的主体：请不予确认，重新登记并送交，系统随即告知"
    else:
        text = (
            f"变更前代码的主体仍在办理业务，已告知其可在{former.until:%Y-%m-%d}前提出异议："
            "请期满后确认，或者由其法定代表人（负责人）在网上提交书面确认"
        )
    return Refusal("old_party_not_heard", text, "《民法典》第五十七条")


@guard()
def change_is_proved(proof: ChangeProof) -> Refusal | None:
    """The paper of the registration authority is in the file, and the change lies behind."""
    if not proof.handed_in:
        return Refusal(
            "change_unproved", "没有收到登记机关的变更证明，请在“材料”中上传后再办理", _LAW
        )
    if proof.changed_on > proof.today:
        return Refusal("change_ahead", f"变更日期{proof.changed_on:%Y-%m-%d}尚未到来", _LAW)
    return None
