"""What an approver need not type (预填) when a penalty takes a licence (暂扣、吊销)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from api.cases.prefilling import Desk
from api.html.form_fields import Guide
from api.html.site import acting
from casework.licensing.penalised.standing_licence import takeable
from casework.reading import find

_ELSEWHERE = (
    "其他机关作出的、本机关启用本系统前作出的处罚决定，须写明作出机关、送达日期和原件核验情况。"
)


def _taken(step: str, desk: Desk) -> Guide:
    """As the newest decision has it that takes the licence; the note names all of them."""
    visit, session = desk.visit, desk.session
    case = find(visit.office, session, acting(visit), desk.case.number)[0]
    known = takeable(session, case, step)
    if not known:
        return Guide(note=f"没有查到本机关对本证持证人作出并已送达的相应处罚决定。{_ELSEWHERE}")
    one = known[0]
    begin = {
        "decision_number": one.number,
        "decided_on": one.decided_on.isoformat(),
        "facts": one.facts,
        "basis": one.basis,
    }
    if step == "suspend" and one.until:
        begin |= {"days": str(one.days), "until": one.until.isoformat()}
    numbers = "、".join(f"{each.number}（{each.decided_on}）" for each in known)
    return Guide(begin=begin, note=f"本机关已送达、尚未办理的处罚决定：{numbers}。{_ELSEWHERE}")


STEPS: Mapping[str, Callable[[Desk], Guide]] = {
    f"licence.{step}": partial(_taken, step) for step in ("cancel", "suspend")
}
