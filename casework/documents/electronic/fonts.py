"""Fonts (字库): those of the office first, then those that come with the house.

What the standard asks for (方正小标宋, 仿宋_GB2312, 楷体_GB2312) may not be shipped by us. An
office that has bought them lays them into a folder; without them 宋 and 黑 stand in. A sign that no
font has makes no PDF: a name with a hole in it is nobody's name.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = "NUOXIN_FONTS"
_KINDS = frozenset({".otf", ".ttc", ".ttf"})
_SERIF, _SANS = "Noto Serif SC", "Noto Sans SC"
# By the font that a letter names, what may be set for it, as typesetters call these.
_FOR = {
    "方正小标宋简体": ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", _SERIF),
    "仿宋_GB2312": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "FandolFang"),
    "楷体_GB2312": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "FandolKai"),
    "黑体": ("黑体", "SimHei", "FandolHei", _SANS),
    "宋体": ("宋体", "SimSun", "FandolSong", _SERIF),
}  # fmt: skip


@lru_cache(maxsize=1)
def loaded() -> Any:
    """The fonts there are, as typst holds them."""
    from typst import Fonts  # only who sets a paper waits for it

    folders = [str(folder) for folder in _folders()]
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def chain(name: str) -> list[str]:
    """The families that a text in the font `name` is set with: what one lacks, the next has."""
    there = {family.casefold(): family for family in loaded().families()}
    wanted = (*_FOR.get(name, (name,)), _SERIF, _SANS, *there.values())
    return list(dict.fromkeys(there[one.casefold()] for one in wanted if one.casefold() in there))


def lacking(text: str) -> str:
    """The signs of a text that no font has, each once."""
    signs = {sign for sign in text if unicodedata.category(sign)[0] not in "ZC"}
    return "".join(sorted(signs - _signs()))


def _folders() -> Iterator[Path]:
    if configured := os.environ.get(FOLDER):
        yield Path(configured)
    from pylopdf_fonts_zh_cn import serif_path

    yield serif_path().parent


@lru_cache(maxsize=1)
def _signs() -> frozenset[str]:
    """Every sign that one of the fonts has."""
    files = (file for folder in _folders() for file in sorted(folder.rglob("*")))
    return frozenset(
        chr(code) for file in files if file.suffix.lower() in _KINDS for code in _codes(file)
    )


def _codes(file: Path) -> Iterator[int]:
    """The characters for which the fonts in a file have a glyph."""
    from fontTools.ttLib import TTCollection, TTFont  # only who sets a paper waits for it

    many = file.suffix.lower() == ".ttc"
    for font in TTCollection(file, lazy=True).fonts if many else [TTFont(file, lazy=True)]:
        yield from font.getBestCmap() or ()
