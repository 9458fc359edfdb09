"""Lists: what needs a licence, its conditions and materials, regions and documents."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rulebook.models import (
    DocumentKind,
    Edition,
    KeySetting,
    Materials,
    Matter,
    PlaceKind,
    Region,
    RulebookError,
    parse_as,
    parse_content,
)
from rulebook.shipped import shipped_editions
from state_machines.processes import PROCESSES
from tools.expectations import expected_processes

ROOT = Path(__file__).resolve().parents[2]
EDITIONS = shipped_editions()
BEFORE, AFTER = date(2025, 1, 19), date(2025, 1, 20)  # 国务院令第797号 takes effect


def of_kind(kind: str, on: date = AFTER) -> list[Edition]:
    return [
        e
        for e in EDITIONS
        if e.kind == kind and e.valid_from <= on and (e.valid_to is None or on <= e.valid_to)
    ]


def places(on: date, treatment: str) -> set[str]:
    kinds = [parse_as(PlaceKind, e.content) for e in of_kind("place_kind", on)]
    return {kind.label for kind in kinds if kind.treatment == treatment}


def matter() -> Matter:
    [edition] = [e for e in of_kind("matter") if e.key == "public_place_hygiene"]
    return parse_as(Matter, edition.content)


def settings() -> dict[str, Any]:
    return {e.key: parse_as(KeySetting, e.content).value for e in of_kind("key")}


class TestPlaceKinds:
    FILED = frozenset({"录像厅（室）", "音乐厅", "展览馆", "博物馆", "美术馆", "图书馆", "书店"})

    def test_filing_only_since_2025(self) -> None:
        assert places(AFTER, "filing") == self.FILED
        assert places(BEFORE, "filing") == set()
        assert places(BEFORE, "licence") - places(AFTER, "licence") == self.FILED

    def test_licensed(self) -> None:
        assert places(AFTER, "licence") == {
            "宾馆",
            "旅店",
            "招待所",
            "车马店",
            "公共浴室",
            "理发店",
            "美容店",
            "影剧院",
            "游艺厅（室）",
            "舞厅",
            "游泳场（馆）",
            "商场（店）",
            "候诊室",
            "候车（机、船）室",
        }

    def test_food_licence_covers(self) -> None:
        assert places(AFTER, "other") == {"饭馆", "咖啡馆", "酒吧", "茶座"}

    def test_none_needed(self) -> None:
        assert places(AFTER, "none") == {"公园", "体育场（馆）", "公共交通工具"}

    def test_all_twenty_eight_kinds_on_either_day(self) -> None:
        """《公共场所卫生管理条例》第二条 names them."""
        for day in (BEFORE, AFTER):
            assert len(of_kind("place_kind", day)) == 28


class TestMatter:
    def test_conditions_name_their_article(self) -> None:
        for condition in matter().conditions:
            assert "条例实施细则》第" in condition.law

    def test_conditions_are_for_places_that_are_licensed(self) -> None:
        licensed = {e.key for e in of_kind("place_kind") if e.content["treatment"] == "licence"}
        for condition in matter().conditions:
            assert set(condition.applies_to) <= licensed

    def test_condition_keys_are_unique(self) -> None:
        keys = [condition.key for condition in matter().conditions]
        assert len(keys) == len(set(keys))

    def test_wording_names_limits_and_no_figures(self) -> None:
        limits = {e.key for e in of_kind("limit") if e.scope is None}
        wording = [matter().effect, matter().check_period, *matter().duties, *matter().liability]
        named = set(re.findall(r"\{(.+?)\}", "".join(wording)))
        assert named <= limits
        assert {"check.first", "licence.validity", "licence.renewal_window"} <= named
        assert not re.search("[一二三四五六七八九十0-9]+(日|个工作日|个月|年)内", "".join(wording))


class TestMaterials:
    def test_list_of_article_23(self) -> None:
        [edition] = [e for e in of_kind("materials") if e.key == matter().key]
        materials = parse_as(Materials, edition.content)
        asked = [item for item in materials.items if item.asked]
        required = {item.key for item in asked if item.required}
        # What is filled in in the system is not asked for once more on paper.
        assert required == {"identity", "plans", "test_report", "management_rules"}
        assert {item.key for item in asked} - required == {
            "application_form",
            "air_conditioning_report",
        }
        assert {item.key for item in materials.items if item.deferrable} == {
            "management_rules",
            "air_conditioning_report",
        }

    # By hand from the law and the authority's lists: what tests hand in is read off these.
    REQUIRED: ClassVar[dict[str, set[str]]] = {
        "party_statement": set(),
        "interest": set(),
        "own_hearing": set(),
        "ending": set(),
        "remedies": set(),
        "commissions": set(),
        "money": set(),
        "performance": set(),
        "repair_refusal": set(),
        "transfer": set(),
        "jurisdiction": set(),
        "refusal": set(),
        "rectification": set(),
        "penalty_elsewhere": set(),
        "service": set(),
        "backfill": set(),
        "exemption": set(),
        "penalty": set(),
        "credit_repair": set(),
        "code_change": {"change_proof"},
        "public_place_hygiene": {"identity", "plans", "test_report", "management_rules"},
        "public_place_renewal": {"test_report"},
        "public_place_change": {"identity"},
        "public_place_filing": {"identity"},
        "radiation_joint": {
            "institution_licence",
            "identity",
            "equipment_list",
            "staff_list",
            "staff_titles",
            "completion_acceptance",
            "environmental_record",
            "safety_exam",
            "safety_rules",
            "emergency_plan",
        },
    }

    def test_what_each_list_requires(self) -> None:
        lists = {e.key: parse_as(Materials, e.content) for e in of_kind("materials")}
        own = {
            PROCESSES[key].materials: set(one.materials)
            for key, one in expected_processes().items()
            if one.materials
        }
        assert {
            key: {item.key for item in listed.items if item.required}
            for key, listed in lists.items()
        } == self.REQUIRED | own


class TestRegions:
    REGIONS = {e.key: parse_as(Region, e.content) for e in of_kind("region")}  # noqa: RUF012

    def test_districts_lead_to_the_province(self) -> None:
        for code in ("320612", "320613", "320614"):
            city = self.REGIONS[self.REGIONS[code].parent or ""]
            assert (city.label, city.short) == ("南通市", "通")
            assert self.REGIONS[city.parent or ""].label == "江苏省"

    def test_every_parent_is_known_and_above(self) -> None:
        for region in self.REGIONS.values():
            if region.parent:
                assert region.parent in self.REGIONS
                assert region.key.startswith(region.parent.rstrip("0"))
            else:
                assert region.key.endswith("0000")

    def test_short_names_keep_series_of_numbers_apart(self) -> None:
        shorts = [region.short for region in self.REGIONS.values()]
        assert len(shorts) == len(set(shorts))


class TestDocuments:
    DOCUMENTS = [parse_as(DocumentKind, e.content) for e in of_kind("document")]  # noqa: RUF012

    def test_each_has_its_word_template(self) -> None:
        for document in self.DOCUMENTS:
            # A receipt for one matter of several looks like any other.
            stem = document.key.removeprefix("diagnosis_").removeprefix("safety_")
            stem = stem if document.matter and "service" in document.key else document.key
            # What ends either measure reads alike, and names it.
            ends = ("preservation_release", "seizure_release")
            stem = "custody_release" if document.key in ends else stem
            # So does what lets an execution rest or ends it.
            rests = ("execution_suspension", "execution_end")
            stem = "execution_rest" if document.key in rests else stem
            assert document.template == f"{stem}.docx"
            assert (ROOT / "templates/docs" / document.template).is_file()

    def test_series_of_docket_numbers_differ(self) -> None:
        natures = Counter(d.nature for d in self.DOCUMENTS if d.style == "docket")
        # The same decision in another 执法类别 bears the same word, and another category.
        twice = {nature for nature, times in natures.items() if times > 1}
        # Not to punish is one series, whichever procedure it ends; the ecology bureau tells of what
        # it is to refuse in a series of its own authority.
        assert twice == {"受", "准", "延", "注", "不罚", "先告"}

    def test_nature_belongs_to_docket_numbers(self) -> None:
        content = {
            "key": "some",
            "label": "某文书",
            "law": "某法",
            "mark": "S",
            "template": "some.docx",
            "style": "docket",
        }
        with pytest.raises(RulebookError, match="执法性质"):
            parse_content("document", content)
        with pytest.raises(RulebookError, match="执法性质"):
            parse_content("document", {**content, "style": "serial", "nature": "某"})


class TestSettings:
    def test_number_patterns(self) -> None:
        patterns = settings()["documents.number_patterns"]
        words = {
            "short": "通",
            "province_short": "苏",
            "region": "320602",
            "category": "公",
            "nature": "罚",
            "year": 2026,
        }
        assert patterns["docket"].format(**words, seq=12) == "通卫公罚〔2026〕12号"
        assert patterns["serial"].format(**words, seq=12) == "2026-12"
        licence = patterns["licence"].format(**words, seq=123)
        assert licence == "苏卫公证字〔2026〕第320602-000123号"
        eco = patterns["docket.radiation_safety"].format(**{**words, "category": "辐"}, seq=3)
        assert eco == "通环辐罚〔2026〕3号"
        assert patterns["diagnosis_licence"].format(**words, seq=1) == (
            "苏卫放证字〔2026〕第320602-0001号"
        )
        assert patterns["safety_licence"].format(**words, seq=123) == "苏环辐证[00123]"
        used = {document.style for document in TestDocuments.DOCUMENTS}
        assert used - {"none"} == {style for style in patterns if "." not in style}

    def test_defaults(self) -> None:
        values = settings()
        assert values["licensing.window_may_grant"] is True
        assert values["licensing.repair_restores_promise_route"] is True
        assert values["licensing.count_pause_boundary_days"] is False
        assert values["licensing.bar_renewal_elsewhere"] is False
        assert values["licence.late_renewal"] == "treat_as_new"
        assert values["licensing.education_before_promise"] is True
        assert values["licensing.promise_after_unmet"] == 12
        assert values["reminder.licence_expiry"] == [90, 60, 45, 31]
        assert values["reminder.due"] == [3]
        assert values["one_matter.uses"] == ["X射线影像诊断"]
        assert values["one_matter.device_classes"] == ["Ⅲ类射线装置"]
        assert values["one_matter.one_pause_stops_all"] is False
        assert values["one_matter.after_partial_refusal"] == "wait_by_request"
        assert values["penalty.late_fee"] == {"percent_per_day": 3, "cap_percent_of_fine": 100}


def test_content_is_json() -> None:
    for edition in EDITIONS:
        assert json.loads(json.dumps(edition.content)) == edition.content


def test_the_basis_of_every_matter_names_its_articles() -> None:
    """Letters print it as it stands: an act without an article is no basis (指导案例41号)."""
    vague = [
        (edition.key, basis)
        for edition in EDITIONS
        if edition.kind == "matter"
        for basis in parse_as(Matter, edition.content).basis
        if not re.search("》第.+条|（国(办)?发〔", basis)
    ]
    assert vague == []
