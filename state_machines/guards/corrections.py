"""Guards of correcting clerical errors (补正)."""

from __future__ import annotations

from state_machines.facts.corrections import Slips
from state_machines.vocabulary import Refusal, guard

_LAW = "《行政处罚法》第三十八条、第七十六条、《民事诉讼法》第一百五十七条第一款第七项（参照）"


@guard(needs_input=True)
def only_slips_are_corrected(slips: Slips) -> Refusal | None:
    """Substance is not corrected: such a decision is revoked or changed, and made anew."""
    if not slips.known:
        return Refusal("not_correctable", "没有已作出的、可以补正的这份文书", _LAW)
    if slips.substance:
        text = (
            f"“{'、'.join(slips.substance)}”不是可以补正的文字笔误"
            f"（可以补正：{'、'.join(slips.allowed)}）；"
            "事实、依据、处理和金额有错误的，应当依法撤销或者变更后重新作出"
        )
        return Refusal("substance", text, _LAW)
    if slips.absent:
        return Refusal("not_there", f"原文书该处没有：{'、'.join(slips.absent)}", _LAW)
    if slips.same:
        return Refusal("nothing_changes", f"补正前后相同：{'、'.join(slips.same)}", _LAW)
    return None
