"""Grounds on which the book entry of a licence is ended (注销的情形): what each has to show.

《行政许可法》第七十条, 《公共场所卫生管理条例实施细则》第三十五条第二款,
《放射诊疗管理规定》第十八条. Asked of every version, by the words that the forms offer; the form of
the radiation licences offers what only one of both ends on. What does not stand here ends none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PROOF = "ending_proof"


@dataclass(frozen=True)
class Ending:
    """What a ground has to show: the licence stands in one of `states` (in any where none is
    named), there is a `proof` on file, the party was `told` before and heard, or itself `asked` for
    it, and is one that ends so: `of` a person who dies, a firm that is dissolved."""

    law: str
    states: tuple[str, ...] = ()
    proof: str = ""
    told: bool = False
    asked: bool = False
    of: Literal["", "person", "firm"] = ""


LAW = "《行政许可法》第七十条"
_HOLDER_GONE = "登记机关的注销证明等材料"
_RADIATION = "《放射诊疗管理规定》第十八条"
_FILE = "作出的决定书及其送达回证"

_EXPIRED = Ending(f"{LAW}第一项", states=("expired",))
_DISSOLVED = Ending(f"{LAW}第三项", proof=_HOLDER_GONE, of="firm")
_ENDED = "许可依法被撤销、撤回，或者许可证件依法被吊销"
_ASKED = Ending(LAW, asked=True)
_STOPPED = Ending(_RADIATION, proof="现场核查记录等材料", told=True)

ENDINGS: Mapping[str, Mapping[str, Ending]] = {
    "licence": {
        "有效期届满未延续": _EXPIRED,
        "被许可的公民死亡或者丧失行为能力": Ending(
            f"{LAW}第二项", proof="死亡证明、法院认定丧失行为能力的文书等材料", of="person"
        ),
        "被许可的法人或者其他组织依法终止": _DISSOLVED,
        _ENDED: Ending(f"{LAW}第四项", states=("withdrawn_by_authority", "cancelled")),
        "因不可抗力导致许可事项无法实施": Ending(
            f"{LAW}第五项", proof="证明不可抗力的材料", told=True
        ),
        "被许可人申请注销": Ending(LAW, states=("closure_requested",)),
        "涂改、转让、倒卖有效卫生许可证": Ending(
            "《公共场所卫生管理条例实施细则》第三十五条第二款",
            proof="涂改、转让、倒卖的证据",
            told=True,
        ),
    },
    "diagnosis_licence": {
        "逾期不申请校验": Ending(_RADIATION, states=("unverified",), told=True),
        "歇业或者停止诊疗科目连续一年以上": _STOPPED,
        "擅自变更诊疗科目（许可项目）": _STOPPED,
        "校验、变更不符合条件且逾期不改进": _STOPPED,
        "医疗机构执业许可证被吊销或者注销": Ending(_RADIATION, proof=_FILE, told=True),
        "被许可人申请注销": _ASKED,
        "被许可的法人或者其他组织依法终止": _DISSOLVED,
        _ENDED: Ending(f"{LAW}第四项", proof=_FILE, told=True),
    },
    "safety_licence": {
        "有效期届满未延续": _EXPIRED,
        "被许可人申请注销": _ASKED,
        "被许可的法人或者其他组织依法终止": _DISSOLVED,
        _ENDED: Ending(f"{LAW}第四项", proof=_FILE, told=True),
    },
}
