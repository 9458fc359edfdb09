"""Versions: a declaration as canonical JSON, its hash, and the way back.

The hash covers states, steps, roles, form schemas, clocks, guards and effects as `name@revision`.
It leaves out every label, so that a wording may be mended without making a new version, and what
the door asks of each step by the present release.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from state_machines.language.vocabulary import (
    EFFECTS,
    GUARDS,
    Binding,
    Clock,
    Effect,
    Escalate,
    Extension,
    Fire,
    Guard,
    LegalDay,
    Process,
    Refusal,
    Remind,
    Role,
    State,
    Step,
    Stop,
    Track,
)

# What the release says of all versions is no part of any of them.
_OF_THE_RELEASE = frozenset({"in_every_version", "formerly", "end_told", "internal", "veiled_as"})
# What is for people only: words, and whether a page asks before a step. In a JSON Schema `title`,
# `description` and `examples` are the same thing.
_LABELS = frozenset(
    {"label", "law", "unattended", "says", "asks", "title", "description", "examples"}
)

# What the door asks of a step by the present release, whatever the version of the case.
_OF_THE_DOOR = frozenset({"legal_day", "entered_within", "certified", "waits_for"})

# Under these the keys are names of fields and states, and a field may well be called "title".
_NAMED = frozenset({"properties", "data", "moves"})


RULE_MISSING = "rule_missing"


class UnknownRevision(LookupError):
    """A stored version names a guard or effect that this release does not have."""


def to_json(process: Process) -> dict[str, Any]:
    """The whole declaration with its labels, JSON-able, from which `from_json` rebuilds it."""
    written: dict[str, Any] = _plain(process)
    return written


def without_labels(written: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash covers: the declaration less every word that is only for people, and less what
    the door asks of a step."""
    stripped: dict[str, Any] = _strip(written)
    return stripped


@cache
def digest(process: Process) -> str:
    """The version's name: SHA-256 over the canonical JSON, as hex."""
    return digest_of(to_json(process))


def digest_of(written: Mapping[str, Any]) -> str:
    """The same of a declaration as it is stored: it needs no code of its guards and effects."""
    text = json.dumps(
        without_labels(written), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def lacking(process: Process) -> tuple[str, ...]:
    """The guards and effects of a stored version that this release does not have."""
    named = (guard.key for step in process.every_step for guard in step.guards)
    return tuple(sorted({key for key in named if key not in GUARDS}))


def from_json(written: Mapping[str, Any], *, with_stand_ins: bool = False) -> Process:
    """Rebuild a stored version. Raises UnknownRevision if its guards or effects are not here.

    With stand-ins it can be read nevertheless, and its cases be proved: for each guard or effect
    that is not here, a guard stands that refuses the step (`RULE_MISSING`).
    """
    data = dict(written)

    def steps(given: list[Any]) -> tuple[Step, ...]:
        return tuple(_step(one, with_stand_ins=with_stand_ins) for one in given)

    return Process(
        **{
            **data,
            "effective_from": date.fromisoformat(data["effective_from"]),
            "opened_by": _roles(data["opened_by"]),
            "states": tuple(State(**s) for s in data["states"]),
            "steps": steps(data["steps"]),
            "clocks": tuple(_clock(c) for c in data["clocks"]),
            "tracks": tuple(_track(t, steps(t["steps"])) for t in data["tracks"]),
            "binds": tuple(_binding(b) for b in data.get("binds", [])),
            # Before the two were told apart, the list of materials bore the key of the matter.
            "materials": data.get("materials", data["matter"]),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Guard):
        return value.key
    if isinstance(value, Effect):
        return {"effect": value.key(), **_fields(value)}
    if isinstance(value, Escalate | Fire):
        return {"kind": type(value).__name__.lower(), **_fields(value)}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Role | LegalDay):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {
        f.name: _plain(getattr(value, f.name))
        for f in fields(value)
        if f.init and not (f.metadata.get("later") and getattr(value, f.name) == f.default)
    }


def _strip(value: Any, *, names: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _strip(item, names=key in _NAMED and not names)
            for key, item in value.items()
            if names or key not in _LABELS | _OF_THE_RELEASE | _OF_THE_DOOR
        }
    if isinstance(value, list):
        return [_strip(item) for item in value]
    return value


def _roles(names: list[str]) -> tuple[Role, ...]:
    return tuple(Role(name) for name in names)


def _guard(key: str) -> Guard:
    """The guard `name@revision`. Raises UnknownRevision."""
    try:
        return GUARDS[key]
    except KeyError:
        raise UnknownRevision(f"no guard {key} in this release") from None


def _effect(data: Mapping[str, Any]) -> Effect:
    """The effect that its canonical form describes. Raises UnknownRevision."""
    given = dict(data)
    key = given.pop("effect")
    try:
        kind = EFFECTS[key]
    except KeyError:
        raise UnknownRevision(f"no effect {key} in this release") from None
    # JSON has no tuples; whatever an effect lists is one.
    said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    return kind(**said)


def _stand_in(key: str) -> Guard:
    name, _, revision = key.rpartition("@")
    text = f"本系统版本没有程序所用的规则 {key}，不能办理，请系统管理员安装有这项规则的版本"
    return Guard(name, int(revision), lambda: Refusal(RULE_MISSING, text), ())


def _step(data: Mapping[str, Any], *, with_stand_ins: bool) -> Step:
    guards: list[Guard] = []
    effects: list[Effect] = []
    for key in data["guards"]:
        guards.append(_stand_in(key) if with_stand_ins and key not in GUARDS else _guard(key))
    for item in data["effects"]:
        if with_stand_ins and item["effect"] not in EFFECTS:
            guards.append(_stand_in(item["effect"]))
        else:
            effects.append(_effect(item))
    return Step(
        **{
            **data,
            "by": _roles(data["by"]),
            "only": {state: _roles(names) for state, names in data["only"].items()},
            "guards": tuple(guards),
            "effects": tuple(effects),
            "apart_from": tuple(data["apart_from"]),
            "optional_in": tuple(data.get("optional_in", ())),
            "legal_day": LegalDay(data["legal_day"]) if "legal_day" in data else None,
            "waits_for": tuple(data.get("waits_for", ())),
        }
    )


def _escalate(data: Mapping[str, Any]) -> Escalate:
    return Escalate(Role(data["to"]), data["breach"], _roles(data.get("besides", [])))


def _expiry(data: Mapping[str, Any]) -> Escalate | Fire:
    if data["kind"] == "escalate":
        return _escalate(data)
    otherwise = data["otherwise"]
    return Fire(data["step"], data["dated_back"], _escalate(otherwise) if otherwise else None)


def _clock(data: Mapping[str, Any]) -> Clock:
    extension = data["extension"]
    return Clock(
        **{
            **data,
            "runs_in": tuple(data["runs_in"]),
            "on_expiry": _expiry(data["on_expiry"]),
            "stops": tuple(Stop(**{**s, "states": tuple(s["states"])}) for s in data["stops"]),
            "extension": Extension(**extension) if extension else None,
            "remind": tuple(Remind(**r) for r in data["remind"]),
            "instead": tuple(data.get("instead", ())),
        }
    )


def _track(data: Mapping[str, Any], steps: tuple[Step, ...]) -> Track:
    return Track(
        **{
            **data,
            "opens_in": tuple(data["opens_in"]),
            "states": tuple(State(**s) for s in data["states"]),
            "steps": steps,
            "clocks": tuple(_clock(c) for c in data["clocks"]),
        }
    )


def _binding(data: Mapping[str, Any]) -> Binding:
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
    return Binding(**{**data, **lists})
