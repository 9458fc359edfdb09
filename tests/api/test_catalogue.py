"""The violation catalogue over HTTP: looking up, and loading new editions row by row."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from casework.models import Authority, Post
from tests.support.front import Front, refused
from tests.support.people import appoint
from tests.support.signed import SMALL_PDF

LIST = """
[[leniency]]
key = "no_penalty.01"
label = "未公示许可证"
kind = "no_penalty"
door = "minor"
violations = ["gc012"]
conditions = ["当场改正"]
law = "本市不予处罚清单"
mark = "U"
valid_from = 2026-01-01
"""


def table(front: Front) -> list[dict[str, str]]:
    answer = front.get("handler1", "/violations.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def load(
    front: Front,
    data: str | bytes,
    *,
    by: str | None = "admin",
    name: str = "案由.csv",
    **form: Any,
) -> httpx.Response:
    """What an administrator enters, with the scan of its source."""
    content = data.encode() if isinstance(data, str) else data
    said = {"source": "苏卫法规〔2026〕1号", "valid_from": "2026-02-01", **form}
    if name.endswith(".toml"):
        said = {"valid_from": "", **form, "source": said["source"]}  # it is dated by entry
    files = {"file": (name, content)}
    if form.pop("paper", True):
        files["paper"] = ("依据.pdf", SMALL_PDF)
    return front.ask(by, "POST", "/violations/import", data=said, files=files)


def confirmed(front: Front, answer: httpx.Response, by: str = "approver") -> list[str]:
    """What is loaded once a second person has confirmed it."""
    made = front.post(by, f"/violations/imports/{answer.json()['awaits']}/confirmation")
    assert made.status_code == 200, made.text
    loaded: list[str] = made.json()["loaded"]
    return loaded


class TestReading:
    def test_anybody_who_is_logged_in_reads_it(self, quiet: Front) -> None:
        for path in ("/violations", "/violations/GC001", "/leniency", "/violations.csv"):
            refused(quiet.get(None, path), 401, "not-logged-in")
            assert quiet.get("applicant", path).status_code == 200

    def test_is_found_by_words_and_field(self, quiet: Front) -> None:
        found = quiet.get("handler1", "/violations", q="卫生检测", field="公共场所").json()
        assert {"GC003", "GC012"} <= {one["code"] for one in found["violations"]}
        assert "放射" in found["fields"]
        assert quiet.get("handler1", "/violations", q="没有这回事").json()["violations"] == []

    def test_says_all_of_an_entry(self, quiet: Front) -> None:
        one = quiet.get("handler1", "/violations/gc001").json()
        assert one["law"] == "《公共场所卫生管理条例实施细则》第三十五条第一款"
        assert [fine["fine"] for fine in one["fines"]] == [
            "500元以上5,000元以下",
            "5,000元以上30,000元以下",
        ]
        assert [s["label"] for s in one["fines"][0]["steps"]] == ["从轻", "一般", "从重"]
        assert one["edition"]["sureness"] == "依法律条文整理，待核对原文"
        assert [one["kind"] for one in one["leniencies"]] == ["lighter", "reduced"]
        assert one["limitation"] == "二年"
        assert quiet.get("handler1", "/violations/yl001").json()["limitation"] == "五年"

    def test_unknown_code(self, quiet: Front) -> None:
        refused(quiet.get("handler1", "/violations/XX999"), 404, "not-found")

    def test_lists(self, quiet: Front) -> None:
        kinds = [one["kind"] for one in quiet.get("handler1", "/leniency").json()]
        assert [kinds.count(k) for k in ("no_penalty", "lighter", "reduced")] == [13, 6, 1]


class TestImport:
    def test_is_the_administrators(self, quiet: Front) -> None:
        text = as_csv(table(quiet))
        refused(load(quiet, text, by=None), 401, "not-logged-in")
        for who in ("handler1", "approver", "applicant"):
            refused(load(quiet, text, by=who), 403, "not-allowed")

    def test_what_was_downloaded_changes_nothing(self, quiet: Front) -> None:
        done = load(quiet, as_csv(table(quiet))).json()
        assert done["loaded"] == []
        assert len(done["unchanged"]) == 83

    @pytest.mark.slow
    def test_a_changed_row_is_a_new_edition_for_that_region(self, front: Front) -> None:
        rows = table(front)
        row = next(row for row in rows if row["代码"] == "GC003")
        row["罚款上限"], row["从轻条件"] = "1500.50", "首次发现"
        checked = load(front, as_csv(rows), check_only="true").json()
        assert checked["loaded"] == ["GC003"]
        before = front.get("handler1", "/violations/GC003").json()
        assert before["edition"]["scope"] == "全国"
        entered = load(front, as_csv(rows))
        assert entered.json()["loaded"] == ["GC003"]
        assert front.get("handler1", "/violations/GC003").json() == before
        assert confirmed(front, entered) == ["GC003"]
        after = front.get("handler1", "/violations/GC003").json()
        assert after["fines"][0]["fine"] == "1,500.50元以下"
        assert after["fines"][0]["steps"][0]["when"] == "首次发现"
        assert after["fines"][1] == {**before["fines"][1], "steps": after["fines"][1]["steps"]}
        assert (after["edition"]["scope"], after["edition"]["valid_from"]) == (
            "南通市崇川区",
            "2026-02-01",
        )
        told = "苏卫法规〔2026〕1号（甲admin导入，甲approver确认，扫描件"
        assert after["edition"]["source"].startswith(told)
        # Another district goes on with what the nation has.
        assert front.get("window_b", "/violations/GC003").json() == before
        assert load(front, as_csv(rows)).json()["loaded"] == []

    def test_every_wrong_row_is_told_and_nothing_is_loaded(self, quiet: Front) -> None:
        rows = table(quiet)
        at = {row["代码"]: n for n, row in enumerate(rows) if row["代码"]}
        rows[at["GC001"]]["罚款下限"] = "九百"
        rows[at["GC002"]]["处罚种类"] = "警告、打屁股"
        rows[at["GC005"]]["责令改正"] = "也许"
        rows[at["GC013"]]["代码"] = "GC001"
        rows[at["GC014"]]["罚款上限"] = "100"
        rows[at["SS001"]]["情形"] = "随便"
        rows[at["SS002"]]["把握程度"] = "X"
        rows[at["SS004"]]["处罚依据"] = ""
        problem = refused(load(quiet, as_csv(rows)), 422, "bad-input")
        told = {error["label"]: error["text"] for error in problem["errors"]}
        assert told.keys() == {f"第 {at[c] + 2} 行" for c in at if c in (
            "GC001", "GC002", "GC005", "GC014", "SS001", "SS002", "SS004",
        )}  # fmt: skip
        assert told[f"第 {at['GC001'] + 2} 行"] == "罚款下限：应为金额或者倍数"
        assert "处罚种类：只能是" in told[f"第 {at['GC002'] + 2} 行"]
        assert told[f"第 {at['GC005'] + 2} 行"] == "责令改正：应为“是”或者“否”"
        assert told[f"第 {at['GC014'] + 2} 行"] == "整条：罚款幅度的下限高于上限"
        assert told[f"第 {at['SS001'] + 2} 行"].startswith("情形：只能是直接处罚")
        assert told[f"第 {at['SS004'] + 2} 行"] == "处罚依据：缺少该项"
        assert quiet.get("handler1", "/violations/SS001").json()["edition"]["scope"] == "全国"

    def test_a_code_twice(self, quiet: Front) -> None:
        rows = table(quiet)
        [first] = [row for row in rows if row["代码"] == "SS001"]
        problem = refused(load(quiet, as_csv([first, first])), 422, "bad-input")
        assert problem["errors"] == [
            {"field": "row.3", "label": "第 3 行", "text": "代码 SS001 在表中重复"}
        ]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "缺少列：代码、案由"),
            ("代码,案由\n", "表中没有记录"),
            ("代码,案由,颜色\nGC1,某,红\n", "没有这些列：颜色"),
            ("代码,案由\n,某\n", "第一条记录缺少代码"),
            ("代码,案由\nGC1,某,多\n", "列数多于表头"),
        ],
    )
    def test_a_table_that_is_none(self, quiet: Front, text: str, told: str) -> None:
        problem = refused(load(quiet, text), 422, "bad-input")
        assert told in problem["detail"]

    def test_a_spreadsheet_of_this_country_is_read_too(self, quiet: Front) -> None:
        text = as_csv(table(quiet)).encode("gb18030")
        assert load(quiet, text).json()["loaded"] == []

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"source": ""}, "source"),
            ({"source": "字" * 201}, "source"),
            ({"valid_from": ""}, "valid_from"),
            ({"valid_from": "2026-13-01"}, "valid_from"),
            ({"valid_to": "2026-01-01"}, "valid_to"),
        ],
    )
    def test_dates_and_source_are_needed(
        self, quiet: Front, form: dict[str, str], field: str
    ) -> None:
        problem = refused(load(quiet, as_csv(table(quiet)), **form), 422, "bad-input")
        assert field in problem["errors"][0]["field"]

    @pytest.mark.parametrize(
        ("name", "data", "told"),
        [
            ("案由.xls", b"\xd0\xcf\x11\xe0", "只接受表格"),
            ("案由.csv", b"\xff\xfe\x00\xd8", "编码"),
            ("规则.toml", b"[[violation]\n", "不是正确的 TOML"),
            ("规则.toml", b"", "没有记录"),
            ("规则.toml", LIST.replace("leniency", "limit").encode(), "有误"),
            ("规则.toml", LIST.replace("gc012", "gc999").encode(), "不在案由库中：gc999"),
            ("规则.toml", (LIST + 'scope = "310000"\n').encode(), "不是本机关所在的 320613"),
            ("规则.toml", (LIST + LIST).encode(), "重叠"),
        ],
    )
    def test_a_file_that_is_none(self, quiet: Front, name: str, data: bytes, told: str) -> None:
        problem = refused(load(quiet, data, name=name), 422, "bad-input")
        assert told in problem["detail"]

    def test_too_large(self, quiet: Front) -> None:
        refused(load(quiet, b"x" * (2 * 1024 * 1024 + 1)), 413, "too-large")

    def test_a_list_comes_by_a_rule_file(self, front: Front) -> None:
        done = load(front, LIST, name="清单.toml", valid_from="")
        assert done.json()["loaded"] == ["no_penalty.01"]
        assert confirmed(front, done, "supervisor") == ["no_penalty.01"]
        [one] = [
            o for o in front.get("handler1", "/leniency").json() if o["key"] == "no_penalty.01"
        ]
        assert (one["conditions"], one["edition"]["scope"]) == (["当场改正"], "南通市崇川区")


def _with(front: Front, **changed: str) -> str:
    """The catalogue as a table, with one entry changed."""
    rows = table(front)
    next(row for row in rows if row["代码"] == "GC003").update(changed)
    return as_csv(rows)


@pytest.mark.parametrize(
    "changed", [{"罚款上限": "1800"}, {"罚款下限": "1000"}, {"危害生命健康": "是"}]
)
def test_nothing_heavier_is_dated_back(front: Front, changed: dict[str, str]) -> None:
    today = front.town.time.now().date()
    assert confirmed(front, load(front, _with(front, 罚款上限="1500"))) == ["GC003"]
    heavier = _with(front, **changed)
    for day in ("1990-01-01", "2026-02-01", today.isoformat()):
        problem = refused(load(front, heavier, valid_from=day), 422, "bad-input")
        assert [one["field"] for one in problem["errors"]] == ["valid_from"]
        assert "第三十七条" in problem["errors"][0]["text"]
    tomorrow = (today + timedelta(days=1)).isoformat()
    checked = load(front, heavier, valid_from=tomorrow, check_only="true")
    assert checked.json()["loaded"] == ["GC003"], checked.text


@pytest.mark.parametrize(
    "changed",
    [
        {"罚款上限": "200000"},
        {"处罚种类": "警告、罚款、责令停产停业、吊销许可证件、限制从业"},
        {"处罚种类的情形": "吊销许可证件：逾期不改正"},
        {"代码": "GC903", "罚款上限": "200000"},
    ],
)
@pytest.mark.parametrize("day", ["1990-01-01", "2026-02-01", "2026-12-01"])
def test_no_office_goes_beyond_the_article(quiet: Front, changed: dict[str, str], day: str) -> None:
    problem = refused(load(quiet, _with(quiet, **changed), valid_from=day), 422, "bad-input")
    assert [one["field"] for one in problem["errors"]] == ["file"]
    assert "第三十四条" in problem["errors"][0]["text"]


def test_nobody_lays_down_alone_what_others_are_punished_by(front: Front) -> None:
    text = _with(front, 罚款上限="1500")
    bare = refused(load(front, text, paper=False), 422, "bad-input")
    assert [one["field"] for one in bare["errors"]] == ["paper"]
    entered = load(front, text).json()["awaits"]
    path = f"/violations/imports/{entered}"
    appoint(front.town, "admin", "approver")
    problem = front.post("admin", f"{path}/confirmation")
    assert problem.status_code == 409
    assert "录入人以外" in problem.json()["detail"]
    for who, status in (("handler1", 403), ("approver_b", 404)):
        assert front.post(who, f"{path}/confirmation").status_code == status
    [one] = front.get("approver", "/violations/imports").json()
    assert (one["source"], one["entered_by"], one["may_confirm"]) == (
        "苏卫法规〔2026〕1号",
        "甲admin",
        True,
    )
    assert front.post("approver", f"{path}/return").status_code == 204
    refused(front.post("approver", f"{path}/confirmation"), 422, "bad-input")
    assert front.get("handler1", "/violations/GC003").json()["edition"]["scope"] == "全国"


def test_what_is_confirmed_too_late_says_how_to_enter_it_anew(front: Front) -> None:
    """处罚法37: entered in time, confirmed on its first day, it would be dated back."""
    today = front.town.time.now().date()
    assert confirmed(front, load(front, _with(front, 罚款上限="1500"))) == ["GC003"]
    heavier = _with(front, 罚款上限="1800")
    for days, told in ((1, True), (3, False)):
        first = today + timedelta(days=days)
        entered = load(front, heavier, valid_from=first.isoformat()).json()["awaits"]
        path = f"/violations/imports/{entered}"
        if told:
            front.town.time.pass_(days=days)
            front.log_in_again()
            problem = refused(front.post("approver", f"{path}/confirmation"), 422, "bad-input")
            assert "以明日以后的生效日期重新录入" in problem["errors"][0]["text"]
            assert front.post("admin", f"{path}/return").status_code == 204
        else:
            assert front.post("approver", f"{path}/confirmation").status_code == 200
    # Who enters what holds already is only told that nothing is dated back.
    worse = load(front, _with(front, 罚款上限="1900"), valid_from=today.isoformat())
    assert "重新录入" not in refused(worse, 422, "bad-input")["errors"][0]["text"]


def test_it_is_entered_for_the_authority_that_one_administers(front: Front) -> None:
    """An administrator who holds another post elsewhere, held for longer, enters and gives back at
    his own desk, and its heads confirm."""
    town = front.town
    with town.session() as session:
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        post = session.scalars(
            select(Post).where(
                Post.person_id == town.people["admin"].person_id, Post.role == "admin"
            )
        ).one()
        session.add(
            Post(
                person_id=post.person_id,
                authority_id=post.authority_id,
                role="admin",
                valid_from=post.valid_from,
            )
        )
        post.authority_id, post.role = elsewhere, "supervisor"
    front.log_in_again()
    text = _with(front, 罚款上限="1500")
    [first, second] = [load(front, text).json()["awaits"] for _ in range(2)]
    assert front.post("admin", f"/violations/imports/{first}/return").status_code == 204
    assert front.post("approver", f"/violations/imports/{second}/confirmation").status_code == 200
    assert front.get("handler1", "/violations/GC003").json()["edition"]["scope"] == "南通市崇川区"
