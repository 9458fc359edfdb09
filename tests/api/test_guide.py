"""Finding the right matter over HTTP, without an account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.front import Front, refused


def _found(front: Front, q: str) -> dict[str, Any]:
    return {one["label"]: one for one in front.get(None, "/guide", q=q).json()}


@pytest.mark.parametrize(
    ("q", "label", "treatment", "process", "law"),
    [
        ("民宿", "旅店", "licence", "instant_licence", "《公共场所卫生管理条例》"),
        ("发廊", "理发店", "licence", "instant_licence", "《公共场所卫生管理条例》"),
        ("书店", "书店", "filing", "place_filing", "第797号"),
        ("茶楼", "茶座", "other", None, "国发〔2016〕12号"),
        ("公园", "公园", "none", None, "《公共场所卫生管理条例》"),
    ],
)
def test_what_people_call_a_place_leads_to_what_it_needs(
    quiet: Front, q: str, label: str, treatment: str, process: str | None, law: str
) -> None:
    one = _found(quiet, q)[label]
    assert (one["treatment"], one["process"]) == (treatment, process)
    assert law in one["law"]
    assert bool(one["materials"]) == (process is not None)
    assert bool(one["instead"]) == (treatment == "other")


def test_the_limits_and_materials_are_those_of_the_rulebook(quiet: Front) -> None:
    hotel, bookshop = _found(quiet, "宾馆")["宾馆"], _found(quiet, "书店")["书店"]
    assert hotel["within"] == "二十个工作日"
    assert bookshop["within"] == "三十日"
    assert {"plans", "test_report"} < {item["key"] for item in hotel["materials"]}
    assert "signed_promise" not in {item["key"] for item in hotel["materials"]}


def test_all_kinds_are_listed_and_nonsense_finds_none(quiet: Front) -> None:
    assert len(quiet.get(None, "/guide").json()) == 28
    assert quiet.get(None, "/guide", q="火箭发射场").json() == []
    refused(quiet.get(None, "/guide", q="长" * 41), 422, "bad-input")


def test_the_guidance_list_is_for_this_kind_of_place(quiet: Front) -> None:
    keys = {}
    for kind in ("hotel", "swimming_pool", "barber", "bookshop", "cafe"):
        answer = quiet.get(None, f"/guide/{kind}").json()
        keys[kind] = {item["key"] for item in answer["items"]}
        assert all(item["law"] for item in answer["items"])
    assert "linen" in keys["hotel"]
    assert "pool_water" in keys["swimming_pool"] - keys["hotel"]
    assert "tools" in keys["barber"] - keys["hotel"]
    assert "show_filing" in keys["bookshop"] - keys["hotel"]
    assert "changes" not in keys["bookshop"]
    assert keys["cafe"] == set()
    assert len(keys["hotel"]) >= 11
    refused(quiet.get(None, "/guide/moon"), 404, "not-found")
