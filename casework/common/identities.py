"""Documents of identity (身份证件): what is typed from one, before it is taken for anything."""

from __future__ import annotations

from datetime import date

from casework.common import texts
from casework.common.codes import CodeMalformed, doubts_about_identity, is_minor, normalise
from casework.common.inputs import typed
from casework.common.problems import CodeDoubtful, bad_field

_LONGEST_NAME = 100


def judged(
    name: str, kind: str, code: str, today: date, *, override: str | None = None
) -> tuple[str, str]:
    """Name and number as they are kept.

    Raises BadInput if either cannot be, or the number tells of a minor (民法典17, 19); CodeDoubtful
    if its check digit is wrong, unless `override` says why it stands.
    """
    name, code = typed("name", "姓名", name, most=_LONGEST_NAME), normalise(code)
    try:
        doubts = doubts_about_identity(kind, code)
    except CodeMalformed as error:
        raise bad_field("id_code", "证件号码", str(error)) from None
    if doubts and not texts.tidy(override or ""):
        raise CodeDoubtful(
            f"{'；'.join(doubts)}。请核对证件；确认无误的，填写保留理由后登记", doubts=doubts
        )
    if is_minor(kind, code, today):
        raise bad_field(
            "id_code",
            "证件号码",
            "未满十八周岁的，不能作为代表人或者代理人办理许可事项",
            law="《民法典》第十七条、第十九条",
        )
    return name, code
