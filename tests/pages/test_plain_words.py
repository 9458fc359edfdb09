"""What a party reads of its matters has none of the office's own words."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI

from api.portal import plain
from state_machines.processes import PROCESSES
from tests.support.penalties import penalty_to
from tests.support.town import ACCEPTED, INSPECTORS, Town, look
from tests.support.visitor import Visitor

# How the office speaks of its work among itself, of how late it is, and of the record it keeps.
INTERNAL = (
    "立案", "合议", "法制审核", "集体讨论", "审核退回", "结案", "归档", "待指派", "已派", "承办人",
    "督办", "超期", "违反法定期限", "校验值", "全过程记录", "期限推导", "由其他人办理", "轮到：",
    "内部", "录入", "推送", "审查员",
)  # fmt: skip
SEEN = [
    (process.key, state.name, state.label)
    for process in PROCESSES.values()
    for state in process.states
    if not state.confidential and not state.veiled_as
]


def test_every_state_is_told_in_plain_words() -> None:
    told = {}
    for process, state, label in SEEN:
        case = SimpleNamespace(process=process, state=state, state_label=label)
        told[process, state] = plain.told(cast(Any, case))
    assert all(told.values())
    assert [said for said in told.values() if any(word in said for word in INTERNAL)] == []


def _read(door: FastAPI, path: str) -> str:
    """What a party reads on a page."""
    applicant = Visitor(door)
    applicant.enter("applicant")
    text = applicant.get(path).text
    return re.sub(r"<[^>]*>|\s+", " ", text.partition("<main")[2])


@pytest.mark.slow
def test_the_pages_of_a_party_have_none_of_the_offices_own_words(town: Town, door: FastAPI) -> None:
    late = town.apply(address="人民路1号")
    town.attach(late)
    town.take(late, "submit", "applicant")
    town.take(late, "accept", "window", ACCEPTED)
    check = town.relative(town.granted(address="人民路2号"), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1+inspector2", look(met=False))
    penalty = penalty_to(town, "reconsidered")
    town.time.pass_(days=60)
    town.office.catch_up(town.case(late).id)
    assert town.case(late).state == "accepted"
    for number in (late, check, penalty):
        said = _read(door, f"/cases/{number}")
        assert number in said
        assert not [word for word in INTERNAL if word in said], number
        assert "已超" not in said
    start = _read(door, "/")
    assert not [word for word in INTERNAL if word in start]
    # Officers read on as before.
    officer = Visitor(door)
    officer.enter("window")
    assert "全过程记录" in officer.get(f"/cases/{late}").text
