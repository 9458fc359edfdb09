"""A version's digest: blind to wording, awake to every rule; and the way back from JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from state_machines.language.canonical import (
    UnknownRevision,
    digest,
    from_json,
    to_json,
    without_labels,
)
from state_machines.language.vocabulary import OpenCase, Process
from state_machines.processes import PROCESSES
from tests.state_machines.small import PERMIT, SMALL, with_step

pytestmark = pytest.mark.slow

DECLARED = {**PROCESSES, "permit": PERMIT}


@pytest.fixture(params=sorted(DECLARED))
def process(request: pytest.FixtureRequest) -> Process:
    return DECLARED[request.param]


def test_a_version_comes_back_whole_from_its_json(process: Process) -> None:
    stored = json.loads(json.dumps(to_json(process), ensure_ascii=False))
    again = from_json(stored)
    assert to_json(again) == stored
    assert digest(again) == digest(process)
    assert [s.touches for s in again.steps] == [s.touches for s in process.steps]
    for step in again.steps:
        assert [g.rule for g in step.guards] == [g.rule for g in process.step(step.name).guards]


def test_a_version_of_another_release_is_refused_by_name() -> None:
    guard = '"refuse_always@1"'
    written = json.dumps(to_json(with_step(SMALL, "permit", "lapse")["permit"]))
    stored = json.loads(written.replace('"guards": []', f'"guards": [{guard}]', 1))
    with pytest.raises(UnknownRevision, match="refuse_always@1"):
        from_json(stored)
    with pytest.raises(UnknownRevision, match="issue@7"):
        from_json(json.loads(written.replace("issue@1", "issue@7")))


def reworded(value: Any, *, named: bool = False) -> Any:
    """Every Chinese label, article and title changed, and nothing else; the keys of what is `named`
    are names of fields and states."""
    words = () if named else ("label", "law", "unattended", "says", "title", "description")
    if isinstance(value, dict):
        return {
            key: f"{item}（改）"
            if key in words and isinstance(item, str)
            else reworded(item, named=key in ("properties", "data", "moves"))
            for key, item in value.items()
        }
    return [reworded(item) for item in value] if isinstance(value, list) else value


def test_wording_may_be_mended_without_a_new_version(process: Process) -> None:
    mended = reworded(to_json(process))
    assert mended != to_json(process)
    assert digest(from_json(mended)) == digest(process)


def test_what_holds_for_every_version_is_no_part_of_any() -> None:
    steps = PERMIT.steps
    for changes in ({"in_every_version": True}, {"formerly": {"draft": "filed"}}):
        said = replace(PERMIT, steps=(replace(steps[0], **changes), *steps[1:]))
        assert digest(said) == digest(PERMIT)
    clock = replace(PERMIT.clocks[0], instead=("submit.late=是", "more"), after_end=True)
    other = replace(PERMIT, clocks=(clock, *PERMIT.clocks[1:]))
    assert digest(other) != digest(PERMIT)
    assert from_json(json.loads(json.dumps(to_json(other)))).clocks[0] == clock


# What belongs to a rule; taking any one of these out of a declaration changes the procedure.
RULES = {"states", "steps", "clocks", "tracks", "by", "guards", "effects", "stops", "remind"}
RULES |= {"opened_by", "apart_from", "runs_in", "required"}


def poorer(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every declaration that lacks one role, guard, clock, step, move, datum … of this one."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = f"{path}/{key}"
            if key in RULES and isinstance(item, list):
                for i in range(len(item)):
                    yield f"{here}/{i}", {**value, key: item[:i] + item[i + 1 :]}
            if key in ("moves", "data", "properties"):
                for name in item:
                    rest = {k: v for k, v in item.items() if k != name}
                    yield f"{here}/{name}", {**value, key: rest}
            for where, less in poorer(item, here):
                yield where, {**value, key: less}
    elif isinstance(value, list):
        for i, item in enumerate(value):
            for where, less in poorer(item, f"{path}/{i}"):
                yield where, [*value[:i], less, *value[i + 1 :]]


def test_every_rule_taken_away_makes_another_version(process: Process) -> None:
    tried = 0
    for part in parts(to_json(process)):
        whole = without_labels(part)
        for where, less in poorer(part):
            assert without_labels(less) != whole, where
            tried += 1
    assert tried > 4 * len(process.every_step)


def parts(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A declaration in pieces: each state, step and clock by itself, and whatever is no list."""
    for key, value in written.items():
        for piece in value if isinstance(value, list) else ():
            yield {key: [piece]}
        if not isinstance(value, list):
            yield {key: value}


@pytest.mark.parametrize(
    "changes",
    [
        {"two_officers": True},
        {"optional": True},
        {"final": True},
        {"moves": {"passed": "ended"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_switch_of_a_step_is_part_of_the_version(changes: dict[str, Any]) -> None:
    changed = with_step(SMALL, "permit", "grant", **changes)["permit"]
    assert digest(changed) != digest(PERMIT)


def test_the_day_it_takes_effect_is_part_of_the_version() -> None:
    later = replace(PERMIT, effective_from=date(2027, 1, 1))
    assert digest(later) != digest(PERMIT)


@pytest.mark.parametrize("name", ["label", "law", "title", "description"])
def test_a_field_that_is_called_like_a_label_is_still_a_rule(name: str) -> None:
    opening = OpenCase("badge", "badge", {name: "application.what"})
    other = OpenCase("badge", "badge", {name: "application.until"})
    first = with_step(SMALL, "permit", "grant", effects=(opening,))["permit"]
    second = with_step(SMALL, "permit", "grant", effects=(other,))["permit"]
    assert digest(first) != digest(second)


def test_a_version_stored_before_materials_had_a_key_keeps_its_list() -> None:
    stored = to_json(PROCESSES["instant_licence"])
    del stored["materials"], stored["about"]
    assert from_json(stored).materials == "public_place_hygiene"
