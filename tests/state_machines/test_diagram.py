"""The diagram shows every state and step in Chinese, and where a case stands."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from state_machines.language.diagram import svg
from state_machines.language.vocabulary import Process, State
from state_machines.processes import PROCESSES
from state_machines.verification.lines import lines
from tests.state_machines.small import PERMIT

pytestmark = pytest.mark.slow

EVERY = {**PROCESSES, "permit": PERMIT}
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> str:
    # Written by our own drawing, not by a stranger.
    root = ElementTree.fromstring(picture)  # noqa: S314
    return "\n".join(text.text or "" for text in root.iter(f"{SVG}text"))


def box(picture: str, state: str) -> ElementTree.Element:
    root = ElementTree.fromstring(picture)  # noqa: S314
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == "node" and group.findtext(f"{SVG}title") == state:
            return group
    raise AssertionError(f"no box for {state}")


@pytest.mark.parametrize("process", EVERY.values(), ids=EVERY.keys())
def test_every_state_and_step_is_there_by_its_chinese_name(process: Process) -> None:
    shown = texts(svg(process))
    for part in lines(process):
        for state in part.states:
            assert state.label in shown
        for step in part.steps:
            assert step.label in shown
            assert all(role.label in shown for role in step.by)
    assert all(track.label in shown for track in process.tracks)


@pytest.mark.parametrize("process", EVERY.values(), ids=EVERY.keys())
def test_it_fits_a_page_and_runs_nothing(process: Process) -> None:
    picture = svg(process)
    assert picture.startswith("<svg ")
    root = ElementTree.fromstring(picture)  # noqa: S314
    width, height = (float(root.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    assert width <= 595  # A4 in points
    assert height <= 842
    assert not re.search(r"<script|<a\s|\son\w+=|javascript:|\sstyle=", picture)
    assert process.label in root.attrib["aria-label"]


def test_where_the_case_stands_is_marked_by_more_than_colour() -> None:
    picture = svg(PERMIT, current="filed", visited=["draft", "filed"])
    assert "▶ 收件" in texts(picture)
    assert "✓ 草稿" in texts(picture)
    assert "✓ 收件" not in texts(picture)
    now, been = box(picture, "filed"), box(picture, "draft")
    (frame,) = [path for path in now.iter(f"{SVG}path") if path.get("stroke-width")]
    assert frame.get("stroke-width") == "2.5"
    assert not [path for path in been.iter(f"{SVG}path") if path.get("stroke-width")]
    assert "▶" not in texts(svg(PERMIT))


def test_each_open_track_has_its_own_place() -> None:
    shown = texts(svg(PERMIT, current="reviewing", in_tracks=["health_open", "eco_done"]))
    assert {"▶ 审查", "▶ 审查中", "▶ 审查完毕"} <= set(shown.splitlines())


def test_ends_are_double_framed() -> None:
    picture = svg(PERMIT)
    frames = {s.name: len(list(box(picture, s.name).iter(f"{SVG}path"))) for s in PERMIT.states}
    assert {name for name, count in frames.items() if count == 2} == {"granted", "ended"}


def test_what_a_clock_does_is_dashed() -> None:
    root = ElementTree.fromstring(svg(PERMIT))  # noqa: S314
    dashes = {
        edge.findtext(f"{SVG}title"): edge.find(f"{SVG}path").get("stroke-dasharray")  # type: ignore[union-attr]
        for edge in root.iter(f"{SVG}g")
        if edge.get("class") == "edge"
    }
    assert dashes["filed->ended"] == "5,2"
    assert dashes["reviewing->passed"] == "1,5"
    assert dashes["draft->filed"] is None


def test_a_way_out_that_many_states_share_is_drawn_once() -> None:
    process = PROCESSES["instant_licence"]
    root = ElementTree.fromstring(svg(process))  # noqa: S314
    into = [
        title
        for edge in root.iter(f"{SVG}g")
        if edge.get("class") == "edge" and (title := edge.findtext(f"{SVG}title") or "")
        if title.endswith("paused_technical->withdrawn")
    ]
    assert len(into) == 1
    assert len(process.step("withdraw").moves) > 3


def test_a_label_is_text_and_never_markup() -> None:
    odd = replace(PERMIT, states=(State("draft", '<b>&"草稿'), *PERMIT.states[1:]))
    assert '<b>&"草稿' in texts(svg(odd))


def test_it_is_drawn_alike_from_many_threads() -> None:
    # In one state of each process, and in more of those that have many.
    cases = [(p, s.name) for p in EVERY.values() for s in p.states[::8]]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda case: svg(case[0], current=case[1]), cases))
    assert drawn == [svg(process, current=state) for process, state in cases]
    assert all(picture.endswith("</svg>\n") for picture in drawn)
