"""Checking what this release ships (发布核验): rulebook, templates, declarations, revisions,
migrations."""

from __future__ import annotations

from collections.abc import Iterator

from casework.common.problems import DocumentProblem
from casework.documents.electronic.layout import laid_out
from casework.operations.knowledge import knowledge
from casework.operations.migration import lineage_faults
from rulebook.models import Rule, parse_content
from rulebook.shipped import RulebookError, shipped_editions
from rulebook.strangers import strangers
from rulebook.tree import ROOT
from state_machines.revisions import report
from state_machines.verification import Finding

_KINDS = {
    "limit": "limit_text_unknown",
    "place_kind": "unknown_place_kind",
    "matter": "unknown_matter",
    "violation": "unknown_violation",
    "credit_item": "unknown_credit_kind",
}


def shipped_rules() -> list[tuple[str, Rule]]:
    """The shipped rulebook, each rule with its kind. Raises RulebookError."""
    return [
        (edition.kind, parse_content(edition.kind, edition.content))
        for edition in shipped_editions()
    ]


def findings() -> list[str]:
    """Every hole found, one line each; none if all is well."""
    try:
        known, faults = knowledge(shipped_rules())
    except RulebookError as error:
        return [f"rulebook: {error}"]
    found = [
        *(
            Finding(
                stranger.rule,
                _KINDS[stranger.of],
                f"names {stranger.name}, no {stranger.of} of the rulebook",
                f"rulebook/{stranger.file}",
            )
            for stranger in strangers(shipped_editions())
        ),
        *report(known),
    ]
    return [*faults, *map(str, found), *_without_pdf(), *lineage_faults()]


def _without_pdf() -> Iterator[str]:
    """What in the templates cannot be set as a PDF: said before anything is issued."""
    for file in sorted((ROOT / "templates" / "docs").glob("*.docx")):
        try:
            laid_out(file.read_bytes(), file.stem)
        except DocumentProblem as problem:
            yield f"templates/docs/{file.name}: {problem.detail}"
