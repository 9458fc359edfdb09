"""An identity is no slip (身份不是笔误): a correction may only say what the file already proves.

It never makes somebody else of the party, its representative or its place, in cases of every
version.
"""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.parts.corrections.corrected import fields_of, latest_issue, texts_at
from state_machines.language.vocabulary import Correct, Refusal
from state_machines.parts.corrections.forms import Correction
from state_machines.parts.intake.forms import Premises

_LAW = "《行政处罚法》第四十条、第五十九条第一款第一项、《行政许可法》第三十八条、第三十九条"


def refusals(act: Act) -> list[Refusal]:
    """What in a correction would name another party, representative or place than the file."""
    if not any(isinstance(effect, Correct) for effect in act.step.effects):
        return []
    allowed, proved = fields_of(act), _proved(act)
    said = act.filled(Correction)
    former = latest_issue(act, said.document)
    if former is None:
        return []
    found = []
    for field in dict.fromkeys(item.field for item in said.items):
        path = allowed.get(field, "")
        if path not in proved:
            continue
        for text in texts_at(former.context, path):
            for item in said.items:
                if item.field == field:
                    text = text.replace(item.wrong, item.right)
            if text != proved[path]:
                found.append(
                    Refusal(
                        "identity_is_no_slip",
                        f"“{field}”补正后为“{text}”，与案卷证明的“{proved[path]}”不一致："
                        "当事人、负责人、场所不能以补正更换；决定对象有误的，依法撤销后重新作出",
                        _LAW,
                    )
                )
    return found


def _proved(act: Act) -> Mapping[str, str]:
    """Who and where, by the register of parties and the papers that the case was opened with."""
    said = act.inputs.application(Premises)
    proved = {
        "party.name": act.party.name,
        "party.code": act.party.code,
        "party.representative": act.party.representative or "",
        "place.name": said.place_name or "",
    }
    return {path: text for path, text in proved.items() if text}
