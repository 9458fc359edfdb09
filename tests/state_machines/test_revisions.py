"""A published rule keeps its code, and nothing published is ever overwritten."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from state_machines.language.vocabulary import Guard
from state_machines.revisions import (
    PUBLISHED,
    RELEASE,
    Declared,
    RevisionAltered,
    check_published,
    code_digest,
    publish,
    report,
)
from tests.state_machines.small import BADGE, REFUSES, SMALL, known

ADULT = '''
"""Rules."""
LIMIT = 18

def _old_enough(age: int) -> bool:
    return age >= LIMIT

def adult(age: int) -> str | None:
    """Grown up."""
    return None if _old_enough(age) else f"未满{LIMIT}岁：{age:03d}"
'''


def digest_of(tmp_path: Path, source: str, module: str = "rules_under_test") -> str:
    """The digest of the guard `adult` if the module with its rules read so."""
    # A folder for each: byte code is kept by file, and told apart by size and second only.
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    path = folder / "rules.py"
    path.write_text(source, encoding="utf-8")
    # Named like a module of the room, so that its helpers count as the room's own.
    spec = importlib.util.spec_from_file_location(f"state_machines.{module}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return code_digest(Guard("adult", 1, module.adult, (int,)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Grown up."""', '"""Of full age."""'),
        ('"""Grown up."""', "# of full age"),
        ("age >= LIMIT", "(age\n        >= LIMIT)  # the day itself counts"),
        ("def adult(age: int)", "def adult(\n    age: int,\n)"),
        ('"未满', "'未满"),
        ('"""Rules."""', "from __future__ import annotations"),
    ],
)
def test_wording_and_layout_do_not_count(tmp_path: Path, old: str, new: str) -> None:
    source = ADULT.replace(old, new)
    if new.startswith("'"):
        source = source.replace('{age:03d}"', "{age:03d}'")
    assert source != ADULT
    assert digest_of(tmp_path, source) == digest_of(tmp_path, ADULT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("None if _old", "None if not _old"),
        ("未满", "不满"),
        (":03d", ":04d"),
        ("LIMIT = 18", "LIMIT = 16"),  # a constant that the rule reads
        ("age >= LIMIT", "age > LIMIT"),  # a function that the rule calls
        ("adult(age: int)", "adult(age: float)"),  # the facts it asks for
    ],
)
def test_what_the_code_does_counts(tmp_path: Path, old: str, new: str) -> None:
    source = ADULT.replace(old, new)
    assert source != ADULT
    assert digest_of(tmp_path, source) != digest_of(tmp_path, ADULT)


def test_the_digest_is_the_same_under_every_python(tmp_path: Path) -> None:
    """A stored digest must hold after an upgrade of Python, so it is written down here."""
    expected = "aaf22eca0f186ac13895552d8054adc316c7b7c3c1fd54f8e4d1f39c92b69418"
    assert digest_of(tmp_path, ADULT) == expected


def test_a_rule_may_move_to_another_file(tmp_path: Path) -> None:
    assert digest_of(tmp_path, ADULT, "moved.elsewhere") == digest_of(tmp_path, ADULT)


def test_a_rule_may_not_rest_on_what_can_change_under_it(tmp_path: Path) -> None:
    source = ADULT.replace("LIMIT = 18", "LIMIT = {'age': 18}")
    with pytest.raises(ValueError, match="LIMIT, a dict"):
        digest_of(tmp_path, source)


@dataclass(frozen=True)
class Praise:
    to: str


@dataclass(frozen=True)
class LoudPraise:
    to: str
    volume: int


def refuse_sometimes() -> None:
    return None


SHIPPED = Declared({REFUSES.key: REFUSES}, {"praise@1": Praise}, SMALL)


def test_what_was_published_stays_published(tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    added = publish(path, SHIPPED)
    assert len(added) == 1 + 1 + 3
    assert check_published(path, SHIPPED) == []
    assert publish(path, SHIPPED) == []


def test_what_is_not_listed_is_told(tmp_path: Path) -> None:
    found = check_published(tmp_path / "published.json", SHIPPED)
    assert sorted(f.kind for f in found) == ["revision_unlisted"] * 2 + ["version_unlisted"] * 3


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHIPPED, guards={REFUSES.key: replace(REFUSES, rule=refuse_sometimes)}),
        replace(SHIPPED, effects={"praise@1": LoudPraise}),
    ],
    ids=["guard", "effect"],
)
def test_a_changed_revision_is_told_and_never_overwritten(
    tmp_path: Path, changed: Declared
) -> None:
    path = tmp_path / "published.json"
    publish(path, SHIPPED)
    before = path.read_bytes()
    (found,) = check_published(path, changed)
    assert found.kind == "revision_altered"
    with pytest.raises(RevisionAltered):
        publish(path, changed)
    assert path.read_bytes() == before


def test_a_vanished_revision_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    publish(path, SHIPPED)
    (found,) = check_published(path, replace(SHIPPED, guards={}))
    assert found.kind == "revision_vanished"
    assert "refuse_always@1" in found.message
    publish(path, replace(SHIPPED, guards={}))
    assert check_published(path, SHIPPED) == []


def test_a_new_version_of_a_process_is_added_beside_the_old(tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    publish(path, SHIPPED)
    later = replace(BADGE, effective_from=date(2027, 1, 1))
    release = replace(SHIPPED, processes={**SMALL, "badge": later})
    (found,) = check_published(path, release)
    assert (found.process, found.kind) == ("badge", "version_unlisted")
    publish(path, release)
    assert check_published(path, release) == check_published(path, SHIPPED) == []
    versions = json.loads(path.read_text(encoding="utf-8"))["processes"]["badge"]
    assert [v["effective_from"] for v in versions] == ["2026-01-01", "2027-01-01"]


def test_this_release_is_published() -> None:
    assert check_published() == []


@pytest.mark.slow
def test_the_report_tells_of_holes_and_of_revisions(tmp_path: Path) -> None:
    found = report(known({}), tmp_path / "published.json")
    kinds = {finding.kind for finding in found}
    assert {"unknown_limit", "unknown_document", "revision_unlisted"} <= kinds


def test_the_file_is_written_as_publish_writes_it(tmp_path: Path) -> None:
    """An edit by hand would show: the file is what `publish` makes of its own entries."""
    copy = tmp_path / "published.json"
    written = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    key = next(iter(RELEASE.guards))
    del written["guards"][key]
    copy.write_text(json.dumps(written), encoding="utf-8")
    assert publish(copy) == [key]
    assert copy.read_bytes() == PUBLISHED.read_bytes()
