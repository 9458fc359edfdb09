"""Reading the data files: what is shipped, and how a slip in a file is told."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date
from pathlib import Path

import pytest

from rulebook.models import KINDS, Edition, Limit, RulebookError, parse_as, parse_content
from rulebook.shipped import read_file, refuse_overlaps, shipped_editions

LIMIT = """
[[limit]]
key = "some.limit"
label = "某期限"
n = 5
unit = "wd"
law = "某法第一条"
mark = "S"
valid_from = 2020-01-01
"""


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "some.toml"


def read(file: Path, text: str) -> list[Edition]:
    file.write_text(text, encoding="utf-8")
    return read_file(file)


class TestShipped:
    def test_every_kind_is_there(self) -> None:
        assert {edition.kind for edition in shipped_editions()} == set(KINDS)

    def test_content_comes_back_from_json(self) -> None:
        for edition in shipped_editions():
            rule = parse_content(edition.kind, json.loads(json.dumps(edition.content)))
            assert rule == parse_content(edition.kind, edition.content)
            assert (rule.key, rule.law, rule.mark) == (edition.key, edition.law, edition.mark)

    def test_is_the_same_on_every_reading(self) -> None:
        once, again = shipped_editions(), shipped_editions()
        assert once == again
        assert [e.digest for e in once] == [e.digest for e in again]

    def test_digests_differ(self) -> None:
        editions = shipped_editions()
        assert len({edition.digest for edition in editions}) == len(editions)

    def test_local_scopes_are_regions(self) -> None:
        editions = shipped_editions()
        regions = {edition.key for edition in editions if edition.kind == "region"}
        assert {edition.scope for edition in editions if edition.scope} <= regions

    def test_unsure_law_is_said_to_be_local(self) -> None:
        """A figure marked S or L names an act or a decree that can be looked up."""
        for edition in shipped_editions():
            if edition.mark != "U":
                assert re.search("《.+》|国发|国办发", edition.law), edition


class TestDigest:
    def test_changes_with_everything_that_holds(self, write: Path) -> None:
        [edition] = read(write, LIMIT)
        changed = [
            dataclasses.replace(edition, scope="320000"),
            dataclasses.replace(edition, valid_from=date(2021, 1, 1)),
            dataclasses.replace(edition, valid_to=date(2021, 1, 1)),
            dataclasses.replace(edition, kind="other"),
            dataclasses.replace(edition, content={**edition.content, "n": 6}),
            dataclasses.replace(edition, content={**edition.content, "law": "另一法"}),
        ]
        assert len({edition.digest, *(other.digest for other in changed)}) == len(changed) + 1

    def test_is_not_changed_by_the_name_of_the_file(self, write: Path) -> None:
        [edition] = read(write, LIMIT)
        assert dataclasses.replace(edition, source="elsewhere.toml").digest == edition.digest

    def test_never_moves(self, write: Path) -> None:
        """Rows and derivations of years ago are found by it."""
        [edition] = read(write, LIMIT)
        assert edition.digest == "92755cfb2e3420f3e65f5a2bfe74977d1be20f5ece7216deee1d83d994d76505"


class TestReading:
    def test_dates_and_place_of_an_entry(self, write: Path) -> None:
        [edition] = read(write, LIMIT + 'valid_to = 2020-12-31\nscope = "320000"\n')
        assert (edition.kind, edition.key, edition.scope) == ("limit", "some.limit", "320000")
        assert (edition.valid_from, edition.valid_to) == (date(2020, 1, 1), date(2020, 12, 31))
        assert (edition.law, edition.mark, edition.source) == ("某法第一条", "S", "some.toml")
        assert parse_as(Limit, edition.content).n == 5
        assert "valid_from" not in edition.content

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("n = 5", "n = 0", "n：应大于 0"),
            ("n = 5", 'n = "五"', "n：应为整数"),
            ('unit = "wd"', 'unit = "days"', "unit：只能是"),
            ('unit = "wd"', 'unit = "wd"\ninclusive = true', "inclusive 只用于日、月、年"),
            ('law = "某法第一条"\n', "", "law：缺少该项"),
            ('law = "某法第一条"', 'law = ""', "law：不得为空"),
            ('mark = "S"', 'mark = "S"\nrol = false', "rol：没有这一项"),
            ('mark = "S"', 'mark = "X"', "mark：只能是"),
            ("valid_from = 2020-01-01", "", "缺少生效日期"),
            ("valid_from = 2020-01-01", 'valid_from = "2020"', "缺少生效日期"),
            (
                "valid_from = 2020-01-01",
                "valid_from = 2020-01-01\nvalid_to = 2019-12-31",
                "valid_to",
            ),
            ('mark = "S"', 'mark = "S"\nscope = "江苏"', "六位行政区划代码"),
            ('key = "some.limit"', 'key = "Some Limit"', "key：格式不符"),
        ],
    )
    def test_a_slip_names_file_entry_and_field(
        self, write: Path, old: str, new: str, told: str
    ) -> None:
        with pytest.raises(RulebookError) as caught:
            read(write, LIMIT.replace("some.limit", "good.limit") + LIMIT.replace(old, new))
        message = str(caught.value)
        assert message.startswith("some.toml 第 2 个 [[limit]]：")
        assert told in message

    def test_broken_file(self, write: Path) -> None:
        with pytest.raises(RulebookError, match=r"some\.toml：不是正确的 TOML"):
            read(write, "[[limit]\n")

    def test_single_table(self, write: Path) -> None:
        with pytest.raises(RulebookError, match=r"应写成 \[\[limit\]\]"):
            read(write, LIMIT.replace("[[limit]]", "[limit]"))

    def test_unknown_kind(self, write: Path) -> None:
        with pytest.raises(RulebookError, match="不认识的规则类别“limits”"):
            read(write, LIMIT.replace("[[limit]]", "[[limits]]"))


class TestOverlaps:
    def test_successive_editions_are_fine(self, write: Path) -> None:
        later = LIMIT.replace("2020-01-01", "2021-01-01")
        refuse_overlaps(read(write, later + LIMIT + "valid_to = 2020-12-31\n"))

    def test_other_places_are_fine(self, write: Path) -> None:
        refuse_overlaps(read(write, LIMIT + LIMIT + 'scope = "320000"\n'))

    @pytest.mark.parametrize("end", ["", "valid_to = 2021-01-01\n"])
    def test_two_rules_on_one_day_are_refused(self, write: Path, end: str) -> None:
        later = LIMIT.replace("2020-01-01", "2021-01-01")
        with pytest.raises(RulebookError, match=r"some\.toml.*some\.limit.*重叠"):
            refuse_overlaps(read(write, later + LIMIT + end))


def test_content_of_a_row_is_checked_too() -> None:
    with pytest.raises(RulebookError, match="n：缺少该项"):
        parse_content("limit", {"key": "a", "label": "某期限", "law": "法", "mark": "S"})
    with pytest.raises(RulebookError, match="不认识的规则类别"):
        parse_content("nothing", {})
