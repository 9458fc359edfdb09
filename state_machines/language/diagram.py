"""Diagrams (流程图): a process as an SVG picture that a person at a desk can read.

States are boxes (ends double-framed), steps are arrows with their roles; what a clock does by
itself is dashed, what a related case does is dotted. A way out that many states share is drawn
once, from a small note that names them, and steps that stay in their state stand inside its box.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import pygraphviz

from state_machines.language.vocabulary import Process, Role, State, Step, Track

_FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
_INK, _FAINT, _LINE = "#1a1a1a", "#595959", "#4d4d4d"
# Blue and orange stay apart for every kind of colour blindness; weight and a mark say it again.
_NOW, _BEEN = ("#ffe3b3", "#b35900"), ("#dcebf7", "#0b5a94")
_SIZE, _SMALL = 12, 9
_SHARED = 3  # from so many states on, a common way out is drawn once
_LOCK = threading.Lock()  # Graphviz keeps global state


def svg(
    process: Process,
    *,
    current: str | None = None,
    visited: Collection[str] = (),
    in_tracks: Collection[str] = (),
) -> str:
    """The diagram as one `<svg>` element, without scripts, at most an A4 page large.

    `current` marks where a case stands, `in_tracks` where its open tracks stand, `visited` the
    states it has been in; names that the process does not have are ignored.
    """
    present = frozenset({*in_tracks, *([current] if current else [])})
    return _draw(process, present, frozenset(visited) - present)


@lru_cache(maxsize=256)
def _draw(process: Process, present: frozenset[str], visited: frozenset[str]) -> str:
    with _LOCK:
        graph = pygraphviz.AGraph(
            directed=True,
            strict=False,
            rankdir="TB",
            size="7.2,10.6",
            nodesep="0.3",
            ranksep="0.4",
            bgcolor="white",
            fontname=_FONTS,
            fontsize=str(_SMALL),
            fontcolor=_FAINT,
            labelloc="b",
            label=_legend(process, present, visited),
        )
        graph.node_attr.update(
            shape="box", style="rounded,filled", fillcolor="white", color=_LINE, fontname=_FONTS
        )
        graph.edge_attr.update(color=_LINE, fontname=_FONTS, arrowsize="0.7")
        _line(graph, process.states, process.steps, present, visited)
        graph.add_node("•", shape="point", width="0.12", color=_LINE, fillcolor=_LINE)
        graph.add_edge("•", process.initial)
        for track in process.tracks:
            _track(graph, track, present, visited)
        drawn: str = graph.draw(format="svg", prog="dot").decode()
    # Pages take the picture as an element of their own: no prologue, and a name to read aloud.
    body = drawn[drawn.index("<svg ") + len("<svg ") :]
    return f'<svg role="img" aria-label="{escape(process.label)}流程图" {body}'


def _line(
    graph: Any,
    states: tuple[State, ...],
    steps: tuple[Step, ...],
    present: frozenset[str],
    visited: frozenset[str],
) -> None:
    for state in states:
        staying = [step for step in steps if step.moves.get(state.name) == state.name]
        graph.add_node(state.name, **_box(state, staying, present, visited))
    labels = {state.name: state.label for state in states}
    single: dict[tuple[str, str, str], list[Step]] = {}
    shared: dict[tuple[str, ...], list[tuple[Step, str]]] = {}
    for step in steps:
        for target in dict.fromkeys(step.moves.values()):
            sources = tuple(s for s, t in step.moves.items() if t == target != s)
            if len(sources) >= _SHARED:
                shared.setdefault(sources, []).append((step, target))
            else:
                for source in sources:
                    single.setdefault((source, target, _stroke(step)), []).append(step)
    for (source, target, stroke), between in single.items():
        graph.add_edge(source, target, label=_arrow(between), style=stroke)
    for sources, ways in shared.items():
        note = f"from {' '.join(sources)}"
        graph.add_node(note, **_note([labels[source] for source in sources]))
        graph.add_edge(sources[0], note, style="invis", weight="0")  # near where it first applies
        for step, target in ways:
            graph.add_edge(note, target, label=_arrow([step]), style=_stroke(step))


def _track(graph: Any, track: Track, present: frozenset[str], visited: frozenset[str]) -> None:
    inside = graph.add_subgraph(
        name=f"cluster_{track.name}",
        label=track.label,
        labelloc="t",
        style="rounded",
        color=_FAINT,
        fontsize=str(_SIZE),
    )
    _line(inside, track.states, track.steps, present, visited)
    for state in track.opens_in:
        graph.add_edge(state, track.initial, style="bold", arrowhead="open")


def _box(
    state: State, staying: list[Step], present: frozenset[str], visited: frozenset[str]
) -> Mapping[str, str]:
    mark, fill, color = "", "white", _LINE
    if state.name in present:
        mark, (fill, color) = "▶ ", _NOW
    elif state.name in visited:
        mark, (fill, color) = "✓ ", _BEEN
    rows = [(mark + state.label, _SIZE, _INK)]
    rows += [(f"↻ {step.label}（{_roles(step)}）", _SMALL, _FAINT) for step in staying]
    return {
        "label": _table(rows),
        "peripheries": "2" if state.end else "1",
        "fillcolor": fill,
        "color": color,
        "penwidth": "2.5" if mark == "▶ " else "1",
    }


def _note(labels: list[str]) -> Mapping[str, str]:
    lines = [f"{label}、" for label in labels[:-1]] + [labels[-1]]
    rows = ["".join(lines[i : i + 3]) for i in range(0, len(lines), 3)]
    return {
        "label": _table([("下列任一状态：", _SMALL, _INK), *((r, _SMALL, _FAINT) for r in rows)]),
        "shape": "note",
        "style": "filled",
        "fillcolor": "#f4f4f4",
    }


def _arrow(steps: list[Step]) -> str:
    """The label of an arrow; a hard space keeps it off the line."""
    rows: list[tuple[str, int, str]] = []
    for step in steps:
        rows.append((f"\u00a0{step.label}", _SIZE - 2, _INK))
        rows.append((f"\u00a0{_roles(step)}", _SMALL - 1, _FAINT))
    return _table(rows)


def _roles(step: Step) -> str:
    return "、".join(role.label for role in step.by) + ("，二人" if step.two_officers else "")


def _stroke(step: Step) -> str:
    """Dashed if only a clock takes it, dotted if only a related case or the end of tracks does."""
    if set(step.by) <= {Role.TIMER}:
        return "dashed"
    return "dotted" if all(role.automatic for role in step.by) else "solid"


def _legend(process: Process, present: frozenset[str], visited: frozenset[str]) -> str:
    signs = ["双框：办理终结", "↻：状态不变", "虚线：时限届满自动", "点线：关联案件或并联汇合推动"]
    signs += ["▶：当前状态"] if present else []
    signs += ["✓：已经过"] if visited else []
    return _table([(f"{process.label}　{'　'.join(signs)}", _SMALL, _FAINT)])


def _table(rows: Iterable[tuple[str, int, str]]) -> str:
    """Lines of text, each with its least width and beginning at the left.

    Graphviz may know no font with Chinese and then takes text for narrower than it is, so that
    it would neither leave room for it nor centre it.
    """
    lines = "".join(
        f'<TR><TD ALIGN="LEFT" WIDTH="{_width(text, size)}" HEIGHT="{size + 2}">'
        f'<FONT POINT-SIZE="{size}" COLOR="{color}">{escape(text)}</FONT></TD></TR>'
        for text, size, color in rows
    )
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{lines}</TABLE>>'


def _width(text: str, size: int) -> int:
    """How many points wide a text is: a full-width character is as wide as it is high."""
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.6 for c in text)
    return round(ems * size)
