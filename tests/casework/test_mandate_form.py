"""The form of a mandate: blank for anybody, filled for a clerk and for who acts for the party."""

from __future__ import annotations

import pytest

from casework.common.problems import NotFound
from casework.people.mandate_form import mandate_form
from casework.rules.rendering import printed_text
from tests.support.town import Town

FIRM = "91440300708461136T"


def _form(town: Town, who: str | None, code: str = "") -> str:
    with town.session() as session:
        actor = town.people[who] if who else None
        return printed_text(mandate_form(town.office, session, actor, code).content)


def test_anybody_gets_it_blank_with_what_the_law_wants(town: Town) -> None:
    text = _form(town, None)
    for part in (
        "委托人",
        "受托人",
        "委托事项",
        "委托权限",
        "委托期限",
        "（签名）",
        "代为签署承诺书",
    ):
        assert part in text
    assert FIRM not in text


@pytest.mark.parametrize("who", ["window", "applicant"])
def test_the_clerk_and_who_acts_for_the_firm_get_it_filled(town: Town, who: str) -> None:
    text = _form(town, who, FIRM.lower())
    assert FIRM in text
    assert "统一社会信用代码" in text


@pytest.mark.parametrize(
    ("who", "code"),
    [(None, FIRM), ("applicant2", FIRM), ("inspector1", FIRM), ("window", "91350100M0001TGQXM")],
)
def test_nobody_else_learns_from_it_what_the_register_knows(
    town: Town, who: str | None, code: str
) -> None:
    with pytest.raises(NotFound, match="空白的授权委托书"):
        _form(town, who, code)
