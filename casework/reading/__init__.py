"""The reading side of the back office: what pages and API show, to those who may see it."""

from __future__ import annotations

from casework.access.party_view import PartyView
from casework.access.readers import Reader, find, reader_of
from casework.credit.reading import CreditView, credit_of
from casework.documents.files import File
from casework.reading.basis.decision_basis import DecisionBasis, decision_basis
from casework.reading.case import (
    CaseView,
    OfficerView,
    StepView,
    case_view,
    in_time_view,
    officers_of,
    steps_view,
)
from casework.reading.desk import (
    FilingChoices,
    LicenceView,
    NoticeView,
    filing_choices,
    licence,
    notices_of,
    party_of,
)
from casework.reading.done import DoneView, done_view
from casework.reading.drafts import DraftView, draft_view
from casework.reading.handed_out import (
    PaperView,
    attachment_bytes,
    document_bytes,
    document_pdf,
    document_picture,
    paper_view,
)
from casework.reading.lists.case_lines import CaseLine, numbered
from casework.reading.lists.listing import CasePage, WorkPage, cases, count_late, worklist
from casework.reading.lists.wanted import Days, Wanted
from casework.reading.log import LogLine, log_view, passed_in
from casework.reading.past.past_case import PastCase, past_case
from casework.reading.presented import PresentedView, presented
from casework.reading.preview.step_preview import StepPreview, step_preview
from casework.reading.public import CertificateView, TrackingView, track, verify
from casework.reading.supervision import OverviewView, supervisor_overview

__all__ = [
    "CaseLine",
    "CasePage",
    "CaseView",
    "CertificateView",
    "CreditView",
    "Days",
    "DecisionBasis",
    "DoneView",
    "DraftView",
    "File",
    "FilingChoices",
    "LicenceView",
    "LogLine",
    "NoticeView",
    "OfficerView",
    "OverviewView",
    "PaperView",
    "PartyView",
    "PastCase",
    "PresentedView",
    "Reader",
    "StepPreview",
    "StepView",
    "TrackingView",
    "Wanted",
    "WorkPage",
    "attachment_bytes",
    "case_view",
    "cases",
    "count_late",
    "credit_of",
    "decision_basis",
    "document_bytes",
    "document_pdf",
    "document_picture",
    "done_view",
    "draft_view",
    "filing_choices",
    "find",
    "in_time_view",
    "licence",
    "log_view",
    "notices_of",
    "numbered",
    "officers_of",
    "paper_view",
    "party_of",
    "passed_in",
    "past_case",
    "presented",
    "reader_of",
    "step_preview",
    "steps_view",
    "supervisor_overview",
    "track",
    "verify",
    "worklist",
]
