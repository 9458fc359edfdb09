"""Documents that are still to be issued (文书草稿), to be looked at: they bear no number, say on
each page what they are, and their pictures show what was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from docx import Document as WordDocument

from casework.common.problems import DocumentProblem
from casework.documents.electronic.pictures import pictures_of
from casework.documents.electronic.typesetting import typeset
from casework.models import Document
from casework.rules.rule_cache import Rules

DRAFT = "草稿"
_NOTE = "草稿：没有文号，尚未出具"


@dataclass(frozen=True)
class DraftPaper:
    """A document ahead. `content` is its Word record as it would be; `pages` are pictures, none
    where it cannot be set, and `why` says why not."""

    key: str
    title: str
    content: bytes
    pages: tuple[bytes, ...]
    why: str = ""


def draft_paper(rules: Rules, document: Document) -> DraftPaper:
    """A document that was issued and rolled back, with its pages drawn."""
    try:
        template = rules.template_by_digest(document.template_digest)
        paper = typeset(
            template.marked(document.context), document.title, note=_NOTE, watermark=DRAFT
        )
    except DocumentProblem as problem:
        return DraftPaper(document.key, document.title, document.content, (), problem.detail)
    pages = tuple(pictures_of(paper.pdf))
    return DraftPaper(document.key, document.title, document.content, pages)


def draft_pdf(paper: DraftPaper) -> bytes:
    """The draft as a PDF, which says that it is one. Raises DocumentProblem."""
    return typeset(paper.content, paper.title, note=_NOTE, watermark=DRAFT).pdf


def draft_docx(paper: DraftPaper) -> bytes:
    """The draft as a Word file, which says so at its top."""
    document = WordDocument(BytesIO(paper.content))
    first = document.paragraphs[0]
    run = first.insert_paragraph_before().add_run(f"【{_NOTE}】")
    run.bold = True
    found = BytesIO()
    document.save(found)
    return found.getvalue()
