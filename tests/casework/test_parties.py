"""Registering parties: their codes, and who may let a doubtful one stand."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from casework.common.problems import BadInput, CodeDoubtful, NotAllowed
from casework.models import Party
from casework.people import parties
from casework.reading import PartyView
from tests.support.town import Town

GOOD = "91350100M000100Y43"
WRONG_DIGIT = "91350100M000100Y44"


def _register(town: Town, by: str = "window", **changes: Any) -> tuple[PartyView, bool]:
    said = {
        "code_kind": "uscc",
        "code": GOOD,
        "name": "南通万寿茶馆",
        "representative": "陆安",
        "address": "南通市崇川区和平桥1号",
        "phone": "0513-81234567",
        **changes,
    }
    with town.session() as session:
        return parties.register(town.office, session, town.people[by], **said)


def _kept(town: Town, code: str) -> Party | None:
    with town.session() as session:
        return session.scalar(select(Party).where(Party.code == code))


def test_a_clerk_registers_a_firm_once(town: Town) -> None:
    party, fresh = _register(town, code=" 91350100m000100y43 ")
    assert fresh
    assert (party.code, party.name) == (GOOD, "南通万寿茶馆")
    again, fresh = _register(town, name="别的名称")
    assert not fresh
    assert again == party


def test_a_person_is_registered_by_id(town: Town) -> None:
    party, _ = _register(town, code_kind="id", code="11010519491231002x", name="陆安")
    assert party.code == "11010519491231002X"


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("uscc", "", "18位"),
        ("uscc", "9135010", "18位"),
        ("uscc", "91350100M000100YI3", "不含 I"),
        ("uscc", GOOD + "0", "18位"),
        ("id", "1101051949123100", "18位"),
        ("id", "110105194902300021", "出生日期不存在"),
        ("driving_licence", "E12345678", "不支持"),
        ("passport", "E1", "护照号码应为"),
        ("foreign_pr", "E12345678", "外国人永久居留身份证号码应为"),
        ("id", "110105491231002", "第一代居民身份证"),
    ],
)
def test_a_malformed_code_is_refused_even_with_a_reason(
    town: Town, kind: str, code: str, text: str
) -> None:
    with pytest.raises(BadInput, match=text):
        _register(town, code_kind=kind, code=code, override_reason="证照如此")


def test_a_wrong_check_digit_warns_and_an_officers_reason_lets_it_stand(town: Town) -> None:
    with pytest.raises(CodeDoubtful, match="校验码不符") as doubtful:
        _register(town, code=WRONG_DIGIT)
    assert doubtful.value.extra["doubts"]
    with pytest.raises(CodeDoubtful):
        _register(town, code=WRONG_DIGIT, override_reason="  ")
    assert _kept(town, WRONG_DIGIT) is None
    _register(town, code=WRONG_DIGIT, override_reason="营业执照原件如此，已核对")
    kept = _kept(town, WRONG_DIGIT)
    assert kept is not None
    assert kept.code_override_reason == "营业执照原件如此，已核对"


def test_a_code_without_doubt_keeps_no_reason(town: Town) -> None:
    _register(town, override_reason="多余的理由")
    kept = _kept(town, GOOD)
    assert kept is not None
    assert kept.code_override_reason is None


@pytest.mark.parametrize("by", ["inspector1", "handler1"])
def test_an_officer_registers_whom_a_lead_is_about(town: Town, by: str) -> None:
    _register(town, by=by, code=WRONG_DIGIT, override_reason="现场核对营业执照")
    kept = _kept(town, WRONG_DIGIT)
    assert kept is not None
    assert kept.code_override_reason == "现场核对营业执照"


@pytest.mark.parametrize("by", ["applicant", "legal", "supervisor"])
def test_only_the_window_and_officers_with_a_lead_register_and_override(
    town: Town, by: str
) -> None:
    with pytest.raises(NotAllowed):
        _register(town, by=by, code=WRONG_DIGIT, override_reason="我说没错")
    assert _kept(town, WRONG_DIGIT) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "长" * 201), ("phone", "call me"), ("representative", "")],
)
def test_every_field_is_judged_and_named(town: Town, field: str, value: str) -> None:
    with pytest.raises(BadInput) as bad:
        _register(town, **{field: value})
    assert bad.value.extra["errors"][0]["field"] == field


def test_a_name_of_200_characters_with_signs_and_rare_ones_is_kept_whole(town: Town) -> None:
    name = "<𠮷&'\">" + "长" * 194
    assert len(name) == 200
    assert _register(town, name=name)[0].name == name
