"""What goes to the credit platforms says what the decisions say, under the nation's field codes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from casework.models import Authority, Party, Post, Publication
from casework.publicity import national_export
from casework.publicity.national_fields import LICENCE_FIELDS, PENALTY_FIELDS, Entry
from tests.support.front import Front, refused
from tests.support.penalties import go, penalty_to
from tests.support.people import appoint
from tests.support.rules import set_key
from tests.support.town import Town

QUASHED = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
FIRM = "91440300708461136T"
EXPORT = "/publications/export"


@pytest.fixture
def front(town: Town) -> Front:
    appoint(town, "credit", "publicity_officer")
    return Front(town)


def rows(front: Front, register: str, month: str = "2026-09", who: str = "credit") -> list[Any]:
    wanted = {"register": register, "month": month, "format": "json"}
    answer = front.get(who, EXPORT, **wanted)
    assert answer.status_code == 200, answer.text
    found: list[Any] = json.loads(answer.content)
    return found


def test_a_licence_is_told_as_its_decision_has_it(front: Front, town: Town) -> None:
    with town.session() as session:
        set_key(session, "publicity.authority_code", value="11320602MB0000001X")
    licence = town.licence_of(town.granted())
    [row] = rows(front, "licences")
    assert row["XK_XDR_MC"] == "南通滨江宾馆有限公司"
    assert row["XK_XDR_LB"] == "法人及非法人组织"
    assert row["XK_XDR_SHXYM"] == FIRM
    assert row["XK_FRDB"] == "陈志远"
    assert row["XK_XDR_ZJHM"] == ""
    assert row["XK_XKWS"] == "准予行政许可决定书"
    assert row["XK_WSH"] == "崇川卫公准〔2026〕1号"
    assert row["XK_XKZS"] == "卫生许可证（正本）"
    assert row["XK_XKBH"] == licence["number"]
    assert row["XK_NR"] == "宾馆，南通滨江宾馆，南通市崇川区人民中路88号"
    assert (row["XK_JDRQ"], row["XK_YXQZ"]) == ("2026-09-01", licence["valid_from"])
    assert row["XK_YXQZI"] == licence["valid_until"]
    assert row["XK_XKJG"] == "南通市崇川区卫生健康委员会"
    assert row["XK_XKJGDM"] == "11320602MB0000001X"
    assert row["XK_ZT"] == "有效"


def test_a_penalty_is_told_once_it_was_served_and_in_ten_thousands(
    front: Front, town: Town
) -> None:
    number = penalty_to(town, "decided")
    assert rows(front, "penalties") == []  # nobody is shown a decision that its party has not got
    go(town, number, ("serve", "handler1"))
    [row] = rows(front, "penalties")
    assert row["CF_WSH"] == "崇川卫公罚〔2026〕1号"
    assert row["CF_CFLB"] == "警告;罚款"
    assert row["CF_NR"] == "警告；罚款人民币1000.00元（大写：壹仟元整）"
    assert Decimal(row["CF_NR_FK"]) * 10000 == Decimal("1000.00")
    assert row["CF_NR_WFFF"] == ""
    decision = town.case(number).data["decide"]
    assert (row["CF_SY"], row["CF_YJ"]) == (decision["facts"], decision["basis"])
    assert row["CF_WFXW"] == "未按照规定清洗、消毒、保洁顾客用品用具"
    assert (row["CF_JDRQ"], row["CF_GSJZQ"]) == ("2026-09-01", "2026-12-01")


def test_what_was_quashed_is_told_as_void_under_its_own_number(front: Front, town: Town) -> None:
    number = penalty_to(town, "decided")
    go(town, number, ("serve", "handler1"), *QUASHED)
    shown, taken = rows(front, "penalties")
    assert shown["CF_WSH"] == taken["CF_WSH"] == "崇川卫公罚〔2026〕1号"
    assert shown["BZ"] == ""
    assert taken["BZ"] == "撤下：事实不清，证据不足"


def test_what_is_due_in_a_month_is_told_whole_and_by_its_own_authority(
    front: Front, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [town.licence_of(town.granted(address=f"发证路{n}号"))["number"] for n in range(3)]
    monkeypatch.setattr(national_export, "_BATCH", 2)
    assert [row["XK_XKBH"] for row in rows(front, "licences")] == numbers
    assert rows(front, "licences", month="2026-10") == []
    with town.session() as session:
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        reader = town.people["window_b"].person_id
        post = {"role": "publicity_officer", "valid_from": date(2020, 1, 1)}
        session.add(Post(person_id=reader, authority_id=elsewhere, **post))
    assert rows(front, "licences", who="window_b") == []


def _told(code: str, *measures: dict[str, str], party: str = FIRM, fell: str | None = None) -> str:
    """What an entry has under a code: a penalty of these measures, or what `fell`."""
    of, shown = Party(code=party, code_kind="uscc"), Publication(withdrawn_because=fell)
    entry = Entry(shown, of, Authority(), [], {"measures": measures}, "")
    return next(
        field.of(entry) for field in (*LICENCE_FIELDS, *PENALTY_FIELDS) if field.code == code
    )


def test_each_sum_stands_under_its_own_kind_and_what_fell_is_void() -> None:
    kinds = (("罚款", "10000"), ("没收违法所得", "2000.50"), ("没收非法财物", "300"))
    measures = [{"kind": kind, "amount": amount} for kind, amount in kinds]
    assert Decimal(_told("CF_NR_FK", *measures)) == 1
    assert _told("CF_NR_WFFF", *measures) == "0.23005"
    assert _told("CF_NR_ZKDX", *measures, {"kind": "吊销许可证件"}) == "吊销许可证件"
    assert _told("CF_XDR_LB", party="92320602MA1XXXXX0A") == "个体工商户"
    assert [_told("XK_ZT", fell=because) for because in (None, "许可已撤销")] == ["有效", "无效"]


def test_each_format_says_the_same(front: Front, town: Town) -> None:
    town.granted()
    [said] = rows(front, "licences")
    wanted = {"register": "licences", "month": "2026-09"}
    text = front.get("credit", EXPORT, **wanted, format="csv").content
    heading, line = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert dict(zip(heading, line, strict=True)) == said
    book = front.get("credit", EXPORT, **wanted, format="xlsx").content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "XK_XDR_SHXYM" in sheet
    assert f"<t>{FIRM}</t>" in sheet  # eighteen digits, none of them rounded
    assert "<f>" not in sheet


def test_a_person_is_told_by_its_document_and_no_firm_by_a_person_s(
    front: Front, town: Town
) -> None:
    town.granted()
    with town.session() as session:
        party = session.query(Party).filter_by(code=FIRM).one()
        party.code_kind, party.code = "id", "11010519491231002X"
    [row] = rows(front, "licences")
    assert row["XK_XDR_LB"] == "自然人"
    assert (row["XK_XDR_ZJLX"], row["XK_XDR_ZJHM"]) == ("居民身份证", "11010519491231002X")
    assert (row["XK_XDR_SHXYM"], row["XK_FRDB"]) == ("", "")


@pytest.mark.parametrize(
    "wrong", [{"register": "others"}, {"month": "九月"}, {"month": ""}, {"format": "pdf"}]
)
def test_what_is_asked_for_wrongly_is_said(front: Front, wrong: dict[str, str]) -> None:
    wanted = {"register": "licences", "month": "2026-09", "format": "csv", **wrong}
    refused(front.get("credit", EXPORT, **wanted), 422, "bad-input")


def test_it_is_for_those_who_keep_the_ledger(front: Front) -> None:
    wanted = {"register": "licences", "month": "2026-09", "format": "json"}
    for who in ("window", "applicant", "handler1"):
        assert front.get(who, EXPORT, **wanted).status_code == 403
