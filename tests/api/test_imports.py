"""Outside data come in row by row: what is good is in, what is not is said, and twice is once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from casework.common.tables.spreadsheet import workbook
from casework.duties.import_runs import run_imports
from casework.models import OutsideRecord, Party
from tests.support.front import Front, refused
from tests.support.penalties import go, penalty_to
from tests.support.people import appoint
from tests.support.town import Town

IMPORTS = "/exchange/imports"
FIRM = "91440300708461136T"
OTHER = "91110000802100433B"
PENALTY = (
    "行政相对人名称", "统一社会信用代码", "行政处罚决定书文号", "违法行为类型", "处罚内容",
    "罚款金额（万元）", "处罚决定日期", "处罚机关", "数据来源单位",
)  # fmt: skip
ROW = (
    "南通滨江宾馆有限公司", FIRM, "通市监罚〔2026〕12号", "未明码标价", "罚款5000元", "0.5",
    "2026-03-02", "南通市市场监督管理局", "南通市公共信用信息平台",
)  # fmt: skip


def written(rows: Iterable[Iterable[str]], heading: Iterable[str] = PENALTY) -> bytes:
    """A table in CSV, as a program writes it."""
    out = io.StringIO()
    csv.writer(out).writerows([list(heading), *map(list, rows)])
    return out.getvalue().encode()


def row(**changes: str) -> tuple[str, ...]:
    """The usual row with some cells otherwise, by heading."""
    return tuple(changes.get(name, cell) for name, cell in zip(PENALTY, ROW, strict=True))


def hand_in(
    front: Front,
    data: bytes,
    *,
    kind: str = "penalties",
    name: str = "外部处罚.csv",
    dry: bool = False,
    who: str = "credit",
    **more: str,
) -> httpx.Response:
    given = {"kind": kind, "dry_run": "true" if dry else "false", **more}
    return front.ask(who, "POST", IMPORTS, data=given, files={"file": (name, data)})


def imported(front: Front, data: bytes, **more: Any) -> dict[str, Any]:
    """The report of a file that was handed in and done."""
    answer = hand_in(front, data, **more)
    assert answer.status_code == 202, answer.text
    done = run_imports(front.town.office)
    assert done.failed == []
    found = front.get(more.get("who", "credit"), f"{IMPORTS}/{answer.json()['id']}")
    assert found.status_code == 200, found.text
    report: dict[str, Any] = found.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    of = report["of"]
    return tuple(of[name] for name in ("new", "changed", "unchanged", "refused"))


def why(report: dict[str, Any]) -> list[str]:
    return [one["told"] for one in report["rows"] if one["outcome"] == "refused"]


def records(town: Town) -> int:
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(OutsideRecord)) or 0


def test_a_file_is_tried_imported_and_shown_with_its_source(front: Front, town: Town) -> None:
    """The story: upload, dry run, import; and the firm's credit file shows it, apart from ours."""
    before = front.get("applicant", f"/parties/{FIRM}/credit").json()
    data = written([row(), row(行政处罚决定书文号="通市监罚〔2026〕13号", 处罚决定日期="明天")])
    tried = imported(front, data, dry=True)
    assert counts(tried) == (1, 0, 0, 1)
    assert (records(town), tried["of"]["may_be_carried_out"]) == (0, True)
    run = f"{IMPORTS}/{tried['of']['id']}/run"
    number = front.post("credit", run).json()["id"]
    assert front.post("credit", run).json()["id"] == number  # pressed twice
    run_imports(town.office)
    report = front.get("credit", f"{IMPORTS}/{number}").json()
    assert counts(report) == (1, 0, 0, 1)
    assert report["rows"][0] == {
        "row": 3,
        "outcome": "refused",
        "outcome_label": "不能导入",
        "told": "处罚决定日期：应为日期，如 2026-01-05、2026年1月5日",
    }
    [told] = front.get("applicant", f"/parties/{FIRM}/outside").json()["records"]
    assert (told["number"], told["source"]) == ("通市监罚〔2026〕12号", "南通市公共信用信息平台")
    assert (told["organ"], told["decided_on"]) == ("南通市市场监督管理局", "2026-03-02")
    assert (told["imported"], told["said"]["CF_NR_FK"]) == (number, "0.5")
    # What this house knows itself is as it was, and others are told nothing.
    assert front.get("applicant", f"/parties/{FIRM}/credit").json() == before
    refused(front.get("applicant2", f"/parties/{FIRM}/outside"), 404, "not-found")
    assert front.get("window", f"/parties/{FIRM}/outside").status_code == 200


def test_the_same_again_changes_nothing_and_another_sum_is_a_change(
    front: Front, town: Town
) -> None:
    assert counts(imported(front, written([row()]))) == (1, 0, 0, 0)
    assert counts(imported(front, written([row()]))) == (0, 0, 1, 0)
    spaced = row(行政处罚决定书文号="通市监罚[2026]12号 ", 处罚决定日期="2026年3月2日")
    respelt = imported(front, written([spaced]))
    assert counts(respelt)[:1] == (0,)  # the same paper, however its brackets are typed
    assert counts(imported(front, written([row(**{"罚款金额（万元）": "0.8"})]))) == (0, 1, 0, 0)
    [told] = front.get("window", f"/parties/{FIRM}/outside").json()["records"]
    assert told["said"]["CF_NR_FK"] == "0.8"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"统一社会信用代码": "9.1440300708461E+17"}, "只保留了前15位"),
        ({"统一社会信用代码": "911100008021004000"}, "像是被电子表格按数值取整"),
        ({"统一社会信用代码": "9144030070846113"}, "应为18位"),
        ({"统一社会信用代码": "91440300708461137T"}, "校验码不符"),
        ({"统一社会信用代码": ""}, "必须填写"),
        ({"行政相对人名称": '=HYPERLINK("http://x")'}, "像是电子表格的公式"),
        ({"行政相对人名称": "#N/A"}, "错误值"),
        ({"行政相对人名称": "甲" * 201}, "超过200个字"),
        ({"行政处罚决定书文号": "无"}, "必须填写"),
        ({"罚款金额（万元）": "50000"}, "核对是否把元填成了万元"),
        ({"罚款金额（万元）": "五千"}, "应为金额"),
        ({"罚款金额（万元）": "-1"}, "不能是负数"),
        ({"处罚决定日期": "9/1/2026"}, "年月日的先后分不清"),
        ({"处罚决定日期": "2026-02-30"}, "这一天不存在"),
        ({"处罚决定日期": "2027-01-05"}, "不能晚于今天"),
        ({"处罚决定日期": "1826-01-05"}, "年份应在"),
    ],
)
def test_a_bad_cell_is_refused_with_its_reason(
    quiet: Front, changes: dict[str, str], expected: str
) -> None:
    report = imported(quiet, written([row(**changes)]), dry=True)
    assert counts(report) == (0, 0, 0, 1)
    [told] = why(report)
    assert expected in told
    [name] = changes
    assert name in told or name == "统一社会信用代码"


@pytest.mark.parametrize(
    ("changes", "code", "expected"),
    [
        ({"统一社会信用代码": "９１４４０３００７０８４６１１３６ｔ"}, "CF_XDR_SHXYM", FIRM),
        ({"行政相对人名称": "南通\t滨江\n宾馆"}, "CF_XDR_MC", "南通 滨江 宾馆"),
        ({"处罚决定日期": "46083"}, "CF_JDRQ", "2026-03-02"),
        ({"处罚决定日期": "二〇二六年三月二日"}, "CF_JDRQ", "2026-03-02"),
        ({"处罚决定日期": "2026/3/2 0:00:00"}, "CF_JDRQ", "2026-03-02"),
        ({"罚款金额（万元）": "5,000元"}, "CF_NR_FK", "0.5"),
        ({"罚款金额（万元）": "1200万元"}, "CF_NR_FK", "1200"),
    ],
)
def test_what_is_sure_is_repaired(
    front: Front, changes: dict[str, str], code: str, expected: str
) -> None:
    assert counts(imported(front, written([row(**changes)]))) == (1, 0, 0, 0)
    [told] = front.get("window", f"/parties/{FIRM}/outside").json()["records"]
    assert told["said"][code] == expected


def test_a_row_that_stands_twice_is_in_once_and_one_that_differs_is_refused(front: Front) -> None:
    twice = [row(), row(), row(处罚内容="警告"), *[()] * 3, row(处罚内容="警告")]
    report = imported(front, written(twice))
    assert counts(report) == (1, 0, 1, 2)
    assert why(report) == ["与第2行是同一项，内容不同，请核对后只留一行"] * 2
    assert [one["row"] for one in report["rows"]] == [4, 8, 2, 3]


def test_who_is_registered_stays_so_and_who_is_not_is_entered(front: Front, town: Town) -> None:
    heading = ("名称", "统一社会信用代码", "法定代表人", "地址", "电话")
    stranger = ("南通江海旅馆", "91320602MA1X00017N", "李强", "江海路1号", "0513-85550000")
    wrong = ("南通甲馆", "91350100M0001TGQXM", "王一", "乙路2号", "13800000001")
    known = ("南通滨江宾馆有限公司", FIRM, "别人", "别处", "13800009999")
    with town.session() as session:
        before = session.scalars(select(Party).where(Party.code == FIRM)).one()
    report = imported(
        front, written([stranger, wrong, known], heading), kind="parties", who="admin"
    )
    assert counts(report) == (2, 0, 0, 1)
    told = {one["row"]: one["told"] for one in report["rows"]}
    assert "校验码不符" in told[3]
    assert told[4] == (
        "已经登记，登记的法定代表人、住所、联系电话与此不同，没有改动；需要变更的，由窗口凭证照办理"
    )
    with town.session() as session:
        after = session.scalars(select(Party).where(Party.code == FIRM)).one()
        assert after.representative == before.representative
        new = session.scalars(select(Party).where(Party.code == stranger[1])).one_or_none()
        assert new is not None
        assert (new.name, new.phone, new.representative) == (stranger[0], stranger[4], "李强")


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        (b"", "penalties", "文件是空的"),
        (written([]), "credit_records", "这是“外部处罚”的表，不是“外部信用记录”的"),
        (written([], [*PENALTY, "备用一"]), "penalties", "没有这些列：备用一"),
        (written([], [*PENALTY, "处罚机关"]), "penalties", "列重复：处罚机关"),
        (written([], PENALTY[:-2]), "penalties", "缺少列：处罚机关"),
        (
            written([], [name.replace("（万元）", "") for name in PENALTY]),
            "penalties",
            "没有写明单位",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "penalties", "旧版（.xls）或者加了密码"),
        (b"PK\x03\x04 no archive", "penalties", "打不开"),
        ("甲,乙\n1,2\n".encode("utf-16"), "penalties", "编码不能识别"),
        (b"%PDF-1.7\n", "penalties", "没有找到列名"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_at_once(
    quiet: Front, data: bytes, kind: str, expected: str
) -> None:
    problem = refused(hand_in(quiet, data, kind=kind), 422, "bad-input")
    assert expected in problem["detail"]


def test_a_file_that_breaks_off_later_is_refused_whole(front: Front, town: Town) -> None:
    data = written([row()]) + '"没有配对,1\n'.encode()
    report = imported(front, data)
    assert (report["of"]["state"], counts(report)) == ("rejected", (0, 0, 0, 0))
    assert "引号没有配对" in report["of"]["outcome"]
    empty = imported(front, written([]))
    assert empty["of"]["outcome"] == "列名下面没有数据行"
    assert records(town) == 0


def test_a_workbook_with_a_title_above_its_head_in_yuan_is_read(front: Front) -> None:
    heading = [name.replace("（万元）", "（元）") for name in PENALTY]
    rows = [heading, row(**{"罚款金额（万元）": "5000"})]
    book = workbook("处罚", ("2026年行政处罚信息",), rows)
    assert counts(imported(front, book, name="处罚.xlsx")) == (1, 0, 0, 0)
    [told] = front.get("window", f"/parties/{FIRM}/outside").json()["records"]
    assert told["said"]["CF_NR_FK"] == "0.5"


def test_lines_of_two_encodings_are_read_each_in_its_own(front: Front) -> None:
    first = written([row()]).decode().encode("gb18030")
    rest = written([row(行政处罚决定书文号="通市监罚〔2026〕20号")]).splitlines(keepends=True)[1]
    assert counts(imported(front, b"\xef\xbb\xbf" + written([row()])))[0] == 1
    assert counts(imported(front, first + rest)) == (1, 0, 1, 0)
    told = front.get("window", f"/parties/{FIRM}/outside").json()["records"]
    assert {one["organ"] for one in told} == {"南通市市场监督管理局"}


def test_what_was_refused_comes_back_as_a_table_to_be_corrected(front: Front) -> None:
    bad = row(行政相对人名称="=1+1", 行政处罚决定书文号="007")
    report = imported(front, written([row(), bad]))
    of = f"{IMPORTS}/{report['of']['id']}/refused"
    for form in ("csv", "xlsx"):
        returned = front.get("credit", of, format=form).content
        again = imported(front, returned, name=f"退回.{form}")
        assert (counts(again), why(again)) == ((0, 0, 0, 1), why(report))
    text = front.get("credit", of, format="csv").content.decode("utf-8-sig")
    heading, line = csv.reader(io.StringIO(text))
    assert heading == [*PENALTY, "退回行号", "退回原因"]
    assert (line[0], line[2], line[-2]) == ("'=1+1", "'007", "3")
    corrected = text.replace("'=1+1", "南通滨江宾馆有限公司")
    assert counts(imported(front, corrected.encode())) == (1, 0, 0, 0)


def test_ten_thousand_errors_are_told_a_page_at_a_time(front: Front) -> None:
    many = [row(行政处罚决定书文号=f"通市监罚〔2026〕{n}号", 处罚内容="") for n in range(250)]
    report = imported(front, written([row(), *many]))
    assert report["reasons"] == [["处罚内容：必须填写（合并的单元格请先取消合并）", 250]]
    told, cursor, pages = [], report["cursor"], 1
    told += report["rows"]
    while cursor:
        page = front.get("credit", f"{IMPORTS}/{report['of']['id']}", cursor=cursor).json()
        told, cursor, pages = told + page["rows"], page["cursor"], pages + 1
    assert [one["row"] for one in told] == [*range(3, 253), 2]
    assert pages == 3


def test_each_kind_has_those_who_may_import_it(front: Front, town: Town) -> None:
    for who in ("applicant", "window", "supervisor"):
        refused(hand_in(front, written([row()]), who=who), 403, "not-allowed")
        refused(front.get(who, IMPORTS), 403, "not-allowed")
    wrong = hand_in(front, written([row()]), kind="licences", who="admin")
    answer = refused(wrong, 422, "bad-input")
    assert "外部处罚" in answer["detail"]
    heading = ("名称", "统一社会信用代码", "法定代表人", "住所", "联系电话")
    parties = hand_in(front, written([], heading), kind="parties")
    refused(parties, 403, "not-allowed")
    number = hand_in(front, written([], heading), kind="parties", who="admin").json()["id"]
    refused(front.get("credit", f"{IMPORTS}/{number}"), 404, "not-found")
    appoint(town, "credit", "publicity_officer")
    refused(hand_in(front, b"x", kind="nothing"), 422, "bad-input")
    refused(front.post("credit", f"{IMPORTS}/{number}/run"), 404, "not-found")
    listed = front.get("admin", IMPORTS).json()["imports"]
    assert [one["id"] for one in listed] == [number]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_this_house_hands_over_another_takes_in(front: Front, town: Town, form: str) -> None:
    """Under the nation's codes, licences and penalties alike; twice is once in either form."""
    appoint(town, "credit", "publicity_officer")
    town.granted()
    go(town, penalty_to(town, "decided"), ("serve", "handler1"))
    for register, code in (("licences", "XK_WSH"), ("penalties", "CF_WSH")):
        exported = front.get(
            "credit", "/publications/export", register=register, month="2026-09", format=form
        ).content
        report = imported(front, exported, kind=register, name=f"报送.{form}")
        assert counts(report) == (1, 0, 0, 0), report
        assert counts(imported(front, exported, kind=register)) == (0, 0, 1, 0)
        path = f"/parties/{FIRM}/outside"
        assert front.get("window_b", path).json()["records"] == []  # another authority took it in
        records = front.get("window", path).json()["records"]
        [told] = [one for one in records if one["kind"] == register]
        assert told["said"]
        assert not [name for name in told["said"] if name.endswith(("SFZH", "ZJHM"))]
        assert told["number"] == told["said"][code]
        assert told["number"].startswith("崇川卫公")
        assert told["holds_until"] == told["said"].get("XK_YXQZI", told["said"].get("CF_GSJZQ"))
