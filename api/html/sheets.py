"""Documents that are still to be issued, on a page (文书草稿): pictures of their pages, and their
text for whoever does not see."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from api.html.letters import Block, blocks
from casework.documents.draft_papers import DraftPaper


@dataclass(frozen=True)
class Sheets:
    """A document ahead: `pages` are addresses that hold their pictures themselves."""

    title: str
    pages: tuple[str, ...]
    text: tuple[Block, ...]


def sheets_of(papers: Iterable[DraftPaper]) -> list[Sheets]:
    """Each document as a page shows it."""
    return [
        Sheets(paper.title, tuple(map(_address, paper.pages)), blocks(paper.content))
        for paper in papers
    ]


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"
