"""Addresses as people write them (地址): with or without the province, 八号 or 8号."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from casework.common.numerals import NUMBER, read
from casework.common.texts import folded
from casework.rules.rule_cache import Rules

_HOUSE = re.compile(rf"(?P<n>{NUMBER})(?=号|弄|幢|栋|座|层|楼|室|单元)")
_SUFFIX = re.compile(r"(?:特别行政区|自治[区州县旗]|[省市区县旗])$")
# What stands behind the name of a street that is called after its town: 崇川路.
_STREET = r"(?!大?[路街道巷]|村|弄|里|桥)"
_NAMED = re.compile(r"[^\d省市区县]{2,}(?=\d)")


def plain(address: str, regions: Iterable[str]) -> str:
    """An address folded, its numbers in figures, and without the names of the `regions` that it
    begins with, the greatest first: 江苏省、南通市、崇川区. Two that are alike are one place."""
    rest = _HOUSE.sub(_in_figures, folded(address))
    for name in ("中华人民共和国", "中国", *regions):
        rest = next((rest.removeprefix(one) for one in _spelled(name, rest)), rest)
    return rest


def begun_with(rules: Rules, region: str) -> list[str]:
    """The names that an address in a region begins with, the greatest first."""
    names: list[str] = []
    for key in reversed(tuple(rules.chain(region))):
        label = rules.region(key).label
        for name in names:
            label = label.removeprefix(name)
        names.append(label)
    return names


def street_of(address: str) -> str:
    """The name before the first number of a plain address; empty if it has none."""
    found = _NAMED.search(address)
    return found[0] if found else ""


def _in_figures(found: re.Match[str]) -> str:
    number = read(found["n"])
    return found["n"] if number is None else f"{number.normalize():f}"


def _spelled(name: str, rest: str) -> Iterator[str]:
    """The name as the text begins with it: in full, or without 省, 市, 区."""
    if rest.startswith(name):
        yield name
        return
    short = _SUFFIX.sub("", name)
    if len(short) > 1 and re.match(re.escape(short) + _STREET, rest):
        yield short
