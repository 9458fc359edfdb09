"""A step rehearsed (预演), as JSON: what it would issue, which dates would follow, or why not."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path

from api.web.access import Member, TheOffice
from api.web.bodies import CaseNumber, Previewing, Text
from api.web.documentation import problems
from casework import reading
from casework.documents.draft_papers import DraftPaper, draft_docx, draft_pdf
from casework.reading.case import ReasonView
from casework.reading.outlook import LimitAhead

router = APIRouter(prefix="/cases", tags=["案件"])
_StepName = Annotated[Text, Path(description="步骤名，如 accept")]
_SAYS = (
    "什么都不办理，不占用文号；只有可以办理该步骤的人可以预演。"
    "`refusals` 不为空的，按所填内容现在不能办理；文书的 `pages` 是各页图片（PNG），"
    "填入的内容有底色，`pdf`、`docx` 标明是草稿，均为 Base64。"
)


@dataclass(frozen=True)
class PaperAhead:
    """A document that would be issued, as pictures of its pages and as files that say that they are
    a draft; `why` says why it cannot be set as pages."""

    key: str
    title: str
    pages: tuple[str, ...]
    pdf: str
    docx: str
    why: str


@dataclass(frozen=True)
class Preview:
    """What a step would bring about, or why it may not be taken."""

    number: str
    version: int
    step: str
    label: str
    refusals: tuple[ReasonView, ...]
    source_label: str
    target_label: str
    documents: tuple[PaperAhead, ...]
    begun: tuple[LimitAhead, ...]
    moved: tuple[LimitAhead, ...]
    ended: tuple[LimitAhead, ...]
    going_on: tuple[LimitAhead, ...]
    also: tuple[str, ...]


@router.get(
    "/{number}/steps/{step}/preview",
    summary="预演一个步骤：将出具的文书、随后的期限、不能办理的理由",
    description=f"`on` 为办理日期（该步骤可以填以前日期的）。没有填写内容的步骤用本方法。{_SAYS}",
    responses=problems(401, 403, 404, 409, 422),
)
def preview(
    number: CaseNumber,
    step: _StepName,
    actor: Member,
    office: TheOffice,
    on: date | None = None,
) -> Preview:
    return _told(reading.step_preview(office, actor, number, step, {}, on=on))


@router.post(
    "/{number}/steps/{step}/preview",
    summary="按填写的内容预演一个步骤",
    description=_SAYS,
    responses=problems(401, 403, 404, 409, 422),
)
def preview_filled(
    number: CaseNumber, step: _StepName, body: Previewing, actor: Member, office: TheOffice
) -> Preview:
    on, mandate = body.effective_at, body.mandate
    ahead = reading.step_preview(office, actor, number, step, body.input, on=on, mandate=mandate)
    return _told(ahead)


def _told(view: reading.StepPreview) -> Preview:
    follows = view.outlook
    return Preview(
        number=view.number,
        version=view.version,
        step=view.step,
        label=view.label,
        refusals=view.refusals,
        source_label=follows.source_label if follows else "",
        target_label=follows.target_label if follows else "",
        documents=tuple(map(_paper, view.papers)),
        begun=follows.begun if follows else (),
        moved=follows.moved if follows else (),
        ended=follows.ended if follows else (),
        going_on=follows.going_on if follows else (),
        also=follows.also if follows else (),
    )


def _paper(paper: DraftPaper) -> PaperAhead:
    return PaperAhead(
        key=paper.key,
        title=paper.title,
        pages=tuple(b64encode(page).decode() for page in paper.pages),
        pdf=b64encode(draft_pdf(paper)).decode() if paper.pages else "",
        docx=b64encode(draft_docx(paper)).decode(),
        why=paper.why,
    )
