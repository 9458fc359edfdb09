"""What officers of the demo city write down on the spot (现场笔录、询问笔录), as forms take it."""

from __future__ import annotations

from typing import Any


def _heard(place: str, person: str, proves: str) -> dict[str, Any]:
    return {
        "begun": "09:10",
        "ended": "09:55",
        "place": place,
        "person": person,
        "id_document": "居民身份证，已核对",
        "relation": "现场负责人",
        "certificates_shown": True,
        "rights_told": True,
        "proves": proves,
    }


def scene(place: str, person: str, found: str) -> dict[str, Any]:
    """A record of what was found at a place, which `person` signed."""
    return {**_heard(place, person, found), "findings": f"检查发现{found}。"}


def interview(place: str, person: str, found: str) -> dict[str, Any]:
    """A record of what `person` answered."""
    asked = [
        {"question": f"检查发现{found}，是否属实？", "answer": "属实。"},
        {"question": "原因是什么？", "answer": "人手不足，管理疏忽。"},
    ]
    return {**_heard(place, person, found), "exchanges": asked}
