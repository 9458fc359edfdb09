"""The decision receipt (决定依据单): what a decision rests on, as its row of the log kept it."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import select

from casework.kernel import facts
from casework.models import Document, LogRow, Post
from casework.reading.basis.fact_words import in_words, words
from state_machines.language.vocabulary import GUARDS
from tests.api.test_enforcement_pages import page
from tests.support.front import Front, refused
from tests.support.journeys import Numbers
from tests.support.penalties import go, penalty_to
from tests.support.town import Town

_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def _row(town: Town, number: str, step: str) -> LogRow:
    with town.session() as session:
        of_step = LogRow.header["name"].as_string() == step
        rows = select(LogRow).where(LogRow.case_id == town.case(number).id, of_step)
        return session.scalars(rows.order_by(LogRow.seq.desc())).first() or pytest.fail(step)


def _basis(front: Front, who: str, number: str, seq: int) -> Any:
    answer = front.get(who, f"/cases/{number}/decisions/{seq}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_fact_of_a_rule_has_its_words_and_no_word_is_left_over() -> None:
    named: dict[str, set[str]] = {}
    for guard in GUARDS.values():
        if guard.rule.__module__.startswith("state_machines."):
            for kind in guard.facts:
                named.setdefault(kind.__name__, set()).update(one.name for one in fields(kind))
    told, common = words()["facts"], set(words()["fields"])
    assert told.keys() == named.keys()
    lacking = {kind: names - told[kind].keys() - common for kind, names in named.items()}
    left_over = {kind: told[kind].keys() - {""} - named[kind] for kind in told}
    assert not any(lacking.values()), lacking
    assert not any(left_over.values()), left_over
    assert all(labels[""] for labels in told.values())
    assert words()["values"].keys() <= {f"{kind}.{name}" for kind in named for name in named[kind]}


def test_no_fact_of_any_case_is_told_as_a_code(full_town: tuple[Town, Numbers]) -> None:
    town, _ = full_town
    with town.session() as session:
        rows = session.scalars(select(LogRow.payload["facts"]))
        told = [fact for said in rows if said for fact in in_words(said)]
    assert len({fact.name for fact in told}) > 150
    codes = {
        (fact.name, label, value)
        for fact in told
        for label, value in fact.values
        for part in value.split("；")
        if _CODE.fullmatch(part) or "{" in part or part == "True"
    }
    assert not codes, "\n".join(map(str, sorted(codes)))


def test_a_grant_tells_what_its_row_kept_and_works_nothing_out_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, number = Front(town), town.granted()
    row = _row(town, number, "grant")
    monkeypatch.setattr(facts, "collect_facts", lambda *_: pytest.fail("collected again"))
    told = _basis(front, "window", number, row.seq)
    assert told["whole"]
    assert told["version"]["digest"] == town.case(number).version_digest
    assert told["line"]["hash"] == row.hash
    assert told["previous_hash"] == row.previous
    assert [one["name"] for one in told["facts"]] == list(row.payload["facts"])
    said = {one["label"]: dict(one["values"]) for one in told["facts"]}
    assert said["必交材料"] == {"没有提交的": "无"}
    assert said["准予的依据"]["以承诺为依据"] == "是"
    runs = {run["edition"]: run["due"] for run in row.payload["clocks"] if run["edition"]}
    assert told["limits"]
    assert all(runs[one["edition"]] == one["due_on"] for one in told["limits"] if one["edition"])
    assert {"开始计算", "到此结束"} & {one["what"] for one in told["limits"]}
    issued = {one["key"]: one["sha256"] for one in row.payload["caused"]["documents"]}
    assert {one["key"]: one["digest"] for one in told["documents"]} == issued
    with town.session() as session:
        of_row = (Document.case_id == row.case_id, Document.log_seq == row.seq)
        templates = set(session.scalars(select(Document.template_digest).where(*of_row)))
    assert {one["digest"] for one in told["templates"]} == templates
    assert told["delegation"]["number"] == row.payload["delegation"]["number"]
    assert any("许可法" in one["law"] for one in told["laws"])


def test_the_party_reads_its_own_copy_and_strangers_none(town: Town) -> None:
    front, number = Front(town), penalty_to(town, "legal_review")
    go(town, number, ("pass_review", "legal"), ("forgo_panel", "approver"), ("decide", "approver"))
    row = _row(town, number, "decide")
    staff, own = (_basis(front, who, number, row.seq) for who in ("handler1", "applicant"))
    given = {one["label"]: one for one in staff["approvals"]}
    kept = {one["to"]: one["digest"] for one in row.payload["caused"]["kept"]}
    assert {one["bound"]: one["decided"] for one in given.values()} == kept
    passed = _row(town, number, "pass_review")
    assert {one["digest"] for one in passed.payload["caused"]["bound"]} & kept.keys()
    [review] = [one for one in given.values() if one["seq"] == passed.seq]
    assert review["by"] == [town.people["legal"].name]
    assert staff["evidence"]
    assert all(one["digest"] for one in staff["evidence"] if one["kind"] == "书证")
    # The party's copy: law, version, limits, letters and what it was told of before.
    assert not own["whole"]
    assert own["version"] == staff["version"]
    assert (own["facts"], own["evidence"], own["line"]["entries"]) == ([], [], None)
    assert {one["step"] for one in own["approvals"]} == {"行政处罚事先告知"}
    assert all(not one["by"] for one in own["approvals"])
    assert own["documents"] == [one for one in staff["documents"] if not one["internal"]]
    assert own["named"] == staff["named"]  # as the letter has them
    with town.session() as session:
        post = session.scalars(
            select(Post).where(Post.person_id == town.people["handler1"].person_id)
        ).first()
    name, certificate = town.people["handler1"].name, post and post.certificate_number
    assert {"name": name, "certificate": certificate} in own["named"]
    told = page(front, "applicant", f"/cases/{number}/decisions/{row.seq}").text
    assert town.people["legal"].name not in told
    assert "法制审核" not in told
    for who in ("applicant2", "window_b"):
        refused(front.get(who, f"/cases/{number}/decisions/{row.seq}"), 404, "not-found")
        assert page(front, who, f"/cases/{number}/decisions/{row.seq}").status_code == 404
    refused(front.get(None, f"/cases/{number}/decisions/{row.seq}"), 401, "not-logged-in")
    # What is internal is no decision to the party, and what the party did is none to anybody.
    internal = _row(town, number, "approve_filing")
    assert front.get("handler1", f"/cases/{number}/decisions/{internal.seq}").status_code == 200
    refused(front.get("applicant", f"/cases/{number}/decisions/{internal.seq}"), 404, "not-found")
    refused(front.get("handler1", f"/cases/{number}/decisions/1"), 404, "not-found")
