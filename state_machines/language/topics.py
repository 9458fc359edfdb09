"""Finding what the topics bring (各专题的内容): the modules of one name in all their folders.

A topic's files bear fixed names (`process.py`, `guards.py`, `collect.py` …), and whoever needs what
they declare finds them by that name. So a new topic is found without being entered anywhere.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType


@cache
def modules_named(name: str, room: str) -> tuple[ModuleType, ...]:
    """Every module of that name below the package `room`, imported, in order of their paths."""
    package = import_module(room)
    found = (module.name for module in walk_packages(package.__path__, f"{room}."))
    return tuple(import_module(path) for path in found if path.rpartition(".")[2] == name)
