"""Processes and their diagrams, over HTTP."""

from __future__ import annotations

from tests.support.front import Front, refused


def test_the_processes_in_force_are_public(quiet: Front) -> None:
    listed = {one["key"]: one for one in quiet.get(None, "/processes").json()}
    assert {"instant_licence", "licence", "commitment_check"} <= set(listed)
    assert listed["instant_licence"]["on_application"]
    assert not listed["licence"]["on_application"]


def test_a_declaration_is_shown_whole_with_its_law(quiet: Front) -> None:
    said = quiet.get(None, "/processes/instant_licence").json()
    assert len(said["version"]) == 64
    steps = {step["name"]: step for step in said["declaration"]["steps"]}
    assert steps["accept"]["law"].startswith("《行政许可法》")
    refused(quiet.get(None, "/processes/make_coffee"), 404, "not-found")


def test_a_diagram_marks_where_a_case_stands_and_ignores_unknown_states(quiet: Front) -> None:
    plain = quiet.get(None, "/processes/licence/diagram.svg")
    assert plain.headers["content-type"] == "image/svg+xml"
    assert plain.text.startswith("<svg")
    marked = quiet.get(None, "/processes/licence/diagram.svg", current="valid")
    assert marked.text != plain.text
    odd = quiet.get(None, "/processes/licence/diagram.svg", current="<script>", visited="nowhere")
    assert odd.text == plain.text
    refused(quiet.get(None, "/processes/make_coffee/diagram.svg"), 404, "not-found")
