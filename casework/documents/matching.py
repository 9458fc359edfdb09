"""Files by their names (文件名对应材料): which item of a list each of a pile of files is for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

_NO_LETTER = re.compile(r"[\W\d_]+")
_ENOUGH = 0.5  # of the pairs of characters in a file's name that an item's name must hold


def matched(
    names: Iterable[str], items: Mapping[str, str], wanted: Sequence[str] = ()
) -> dict[str, str]:
    """The key of the item that each file is for, by the file's name; `items` are labels by key.

    Of items that fit equally well the one that is `wanted` is meant. A file that fits none, or
    several, is left out: whoever handed it in has to say what it is.
    """
    found = {name: _fitting(_letters(PurePath(name).stem), items) for name in names}
    asked = set(wanted)
    told = {name: [key for key in keys if key in asked] or keys for name, keys in found.items()}
    return {name: keys[0] for name, keys in told.items() if len(keys) == 1}


def _fitting(stem: str, items: Mapping[str, str]) -> list[str]:
    """The items whose names fit that of a file best."""
    fits = {key: _fit(stem, key, _letters(label)) for key, label in items.items()}
    best = max(fits.values(), default=0.0)
    return [key for key, fit in fits.items() if fit == best] if best >= _ENOUGH else []


def _fit(stem: str, key: str, label: str) -> float:
    if len(stem) < 2:
        return 0.0  # a name of digits, as scanners give
    if stem == _letters(key) or label in stem:
        return 2.0
    if stem in label:
        return 1.0
    pairs = {stem[place : place + 2] for place in range(len(stem) - 1)}
    return sum(pair in label for pair in pairs) / len(pairs)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text)).casefold()
