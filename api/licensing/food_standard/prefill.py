"""What the forms of a food standard's filing begin with, and how they are filled in (预填)."""

from __future__ import annotations

from collections.abc import Mapping

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide

_NUMBER = "Q/、企业代号、四位顺序号、S、-、年号，例如 Q/NTJH0001S-2026"


def _revision(desk: Desk) -> Guide:
    """A revision begins with the standard as it is on file."""
    said = desk.given("application")
    return Guide(
        begin={name: said.get(name, "") for name in ("title", "number")},
        hints={"number": _NUMBER, "changes": "提交前先在“材料”中上传修订后的标准文本和公开文本"},
        note="修订期间原备案继续有效。修订的文本核对后重新公示，公示期满再备案，有效期重新计算。",
    )


STEPS: Mapping[str, Prefiller] = {"food_standard.revise": _revision}
APPLICATIONS: Mapping[str, Guide] = {
    "food_standard": Guide(
        hints={
            "number": _NUMBER,
            "products": "例如 酿造酱油",
            "stricter_than": "只有严于国家标准或者地方标准的企业标准需要备案",
            "compared_with": "例如 GB 2717-2018《食品安全国家标准 酱油》",
            "stricter": "每个项目（指标）填写一行",
            "region": "由生产场所所在区的机关办理",
            "address": "写到门牌号",
            "place_name": "实施本标准的生产单位",
        },
        note="先在网上填写登记表，再上传标准文本、公开文本和编制说明，全程不用到窗口。公开文本可以不写商业秘密。",
    )
}
