"""Following a log from its opening: where it leads the case, its data and its clocks.

A proof holds the case to it. And where a late entry shows that what a clock did by itself did not
happen, the case goes back to where the log had led it before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from casework.acts import clocks
from casework.common.texts import reason
from state_machines.language.vocabulary import Process

# The kind of row by which a step that a clock took turns out not to have happened.
TURNED_BACK = "turned_back"


class ToldRow(Protocol):
    """A row of a log, as far as it says what happened."""

    @property
    def seq(self) -> int: ...
    @property
    def header(self) -> Mapping[str, Any]: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


class BadRow(ValueError):
    """A row of a log does not say what such a row says, or what the declaration allows."""

    def __init__(self, seq: int | None, text: str) -> None:
        super().__init__(f"第 {seq} 行：{text}" if seq else text)
        self.seq = seq
        self.text = text


@dataclass
class Replay:
    """Where the log leads; `before` is where it had led before each step that a clock took."""

    state: str
    tracks: dict[str, str]
    data: dict[str, Any]
    runs: list[clocks.Run]
    version: int
    ended_at: datetime | None = None
    before: dict[int, Replay] = field(default_factory=dict)


def replay(process: Process, log: Sequence[ToldRow]) -> Replay:
    """Follow the log from the opening to its end.

    Raises BadRow (a ValueError) naming the row that the declaration does not allow.
    """
    at = Replay(process.initial, {}, {}, [], 0)
    for row in log:
        try:
            _replay_row(process, at, row)
        except BadRow:
            raise
        except Exception as error:  # whatever a forger put there
            raise BadRow(row.seq, f"日志不能重放（{reason(error)}）") from error
    return at


def restored(
    was: Sequence[clocks.Run], now: Sequence[clocks.Run], at: datetime
) -> list[clocks.Run]:
    """The runs as they were before a step that did not happen; what that step began has ended."""
    before = {(run.name, run.number): run for run in was}
    return [
        replace(
            run, status=old.status, stops=old.stops, extended=old.extended, ended_at=old.ended_at
        )
        if (old := before.get((run.name, run.number)))
        else clocks.ended(run, at)
        for run in now
    ]


def _replay_row(process: Process, at: Replay, row: ToldRow) -> None:
    header = row.header
    if header["kind"] == TURNED_BACK:
        _turn_back(at, row)
        return
    if header["clock"]:
        if header["kind"] == "step":
            copy = replace(at, tracks=dict(at.tracks), data=dict(at.data), runs=list(at.runs))
            at.before[row.seq] = copy
        at.runs = clocks.expire(at.runs, header["clock"])
    if header["kind"] in ("returned", "evidence", "entered"):
        at.version += 1
    if header["kind"] not in ("open", "step"):
        return
    before: frozenset[str] = frozenset()
    if header["kind"] == "step":
        before = frozenset((at.state, *at.tracks.values()))
        _follow(process, at, header)
    else:
        at.state = header["target"]
        at.tracks = clocks.tracks_after(process, at.state, {})
    at.data.pop(header["name"], None)
    at.data[header["name"]] = row.payload.get("input", {})
    for amended in row.payload.get("caused", {}).get("amended", []):
        at.data["application"] = {**at.data["application"], **amended}
    _register(at, row)
    instant = datetime.fromisoformat(header["effective_at"])
    if not process.state(at.state).end:
        at.ended_at = None
    elif at.ended_at is None:
        at.ended_at = instant
    after = frozenset((at.state, *at.tracks.values()))
    passed = clocks.Transition(
        header["name"],
        before,
        after,
        instant,
        ended=at.ended_at is not None,
        clock=header["clock"],
        entered=datetime.fromisoformat(header["recorded_at"]) if "backfill" in header else None,
    )
    at.runs, _ = clocks.pass_on(process, at.runs, passed)


def _register(at: Replay, row: ToldRow) -> None:
    for kept in row.payload.get("caused", {}).get("registered", []):
        at.data[kept["register"]] = {**at.data.get(kept["register"], {}), **kept["entries"]}


def _turn_back(at: Replay, row: ToldRow) -> None:
    """Go back to where the case was before the step that the row undoes. Raises BadRow if it undoes
    none."""
    was = at.before.get(row.payload.get("undoes", 0))
    if was is None or (row.header["source"], row.header["target"]) != (at.state, was.state):
        raise BadRow(row.seq, "日志不能重放：没有可以恢复的事项")
    instant = datetime.fromisoformat(row.header["effective_at"])
    at.runs = restored(was.runs, at.runs, instant)
    at.state, at.tracks, at.data = was.state, dict(was.tracks), dict(was.data)
    at.ended_at = was.ended_at
    at.version += 1
    _register(at, row)


def _follow(process: Process, at: Replay, header: Mapping[str, Any]) -> None:
    step, track, target = process.step(header["name"]), header["track"], header["target"]
    source = at.tracks[track] if track else at.state
    # A case of an older version may have moved otherwise before (`transition`).
    leads_to = (step.moves.get(source), (step.formerly or {}).get(source))
    if source != header["source"] or target not in leads_to:
        raise BadRow(header["seq"], f"日志不能重放：“{step.label}”不能由 {source} 到 {target}")
    if track:
        at.tracks = {**at.tracks, track: target}
    else:
        at.state = target
        at.tracks = clocks.tracks_after(process, target, at.tracks)
    at.version += 1
