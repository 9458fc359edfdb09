"""Adding to the question bank from a table (题库导入)."""

from __future__ import annotations

import pytest

from casework.common.problems import BadInput, NotAllowed
from casework.credit.training.question_bank import COLUMNS, import_questions
from tests.support.town import Town

_HEAD = ",".join(COLUMNS)
_GOOD = (
    "经营者应当多久检测一次？,每月,每年至少一次,,,B,"
    "每年不得少于一次,《公共场所卫生管理条例实施细则》第十九条"
)
_DOUBLED = "谁对申请材料实质内容的真实性负责？,申请人,窗口,,,A,申请人负责,《行政许可法》第三十一条"


def table(*rows: str, head: str = _HEAD) -> bytes:
    return "\r\n".join([head, *rows]).encode("utf-8-sig")


def test_what_is_added_is_asked_here_and_nowhere_else(town: Town) -> None:
    done = import_questions(town.office, town.people["credit"], table(_GOOD))
    assert done.added == 1
    with town.session() as session:
        rules = town.office.rules.current(session)
    today = town.time.now().date()
    here, there = (rules.quiz("credit_training", today, one) for one in ("320613", "320612"))
    assert len(here.questions) == done.total == len(there.questions) + 1
    assert here.questions[-1].answer == 1
    assert here.questions[-1].options == ("每月", "每年至少一次")
    told = _refused(town, table(_GOOD))
    assert told == ["第2行与题库中已有的题目重复"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (table(_GOOD, head="题目,答案"), "缺少列：选项A"),
        (table(_GOOD, head=_HEAD + ",备注"), "多余的列：备注"),
        (b"", "第1行应为列名"),
        (b"\x00\xff\xfe\x9c\xff", "文件编码不能识别"),
        (table(), "没有题目"),
        (table("只有一列"), "第2行有1列，应为8列"),
        (table(_GOOD, _GOOD), "第3行与第2行重复"),
        (table(_DOUBLED), "第2行与题库中已有的题目重复"),
        (table(_GOOD.replace(",B,", ",D,")), "第2行：答案应为已填写的选项字母之一"),
        (table(_GOOD.replace(",B,", ",,")), "第2行：答案应为已填写的选项字母之一"),
        (table(_GOOD.replace("每月,", ",")), "第2行：选项应从A起依次填写"),
        (table(_GOOD.replace("每月,每年至少一次", "每月,每月")), "第2行：选项应从A起依次填写"),
        (table(_GOOD.replace("每年不得少于一次", "")), "第2行：解析不能为空"),
    ],
)
def test_a_wrong_table_is_refused_whole_with_its_rows(
    town: Town, content: bytes, told: str
) -> None:
    assert any(told in one for one in _refused(town, content))


@pytest.mark.parametrize("who", ["applicant", "window", "approver"])
def test_only_the_credit_officer_keeps_the_bank(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed, match="信用管理员"):
        import_questions(town.office, town.people[who], table(_GOOD))


def _refused(town: Town, content: bytes) -> list[str]:
    with pytest.raises(BadInput) as caught:
        import_questions(town.office, town.people["credit"], content)
    return [error["text"] for error in caught.value.extra["errors"]]
