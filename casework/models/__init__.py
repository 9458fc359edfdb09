"""The tables, by what they are about. Every table is made by a migration, never from here."""

from __future__ import annotations

from casework.models.backfills import Backfill
from casework.models.base import Base
from casework.models.cases import (
    Case,
    CaseClock,
    CaseHandler,
    CaseSearch,
    CaseWaiting,
    IdempotentReply,
    LogRow,
    Participant,
    PendingSignature,
    Recusal,
)
from casework.models.continued_codes import PartySuccession
from casework.models.credit_events import CreditEvent, CreditMark, CreditRating
from casework.models.draws import Draw
from casework.models.evidence import Evidence
from casework.models.exchanged import DataFile, DataImport, ImportRow, OutsideRecord
from casework.models.issued import (
    Attachment,
    ChosenFile,
    Document,
    NumberCounter,
    NumberEntry,
    SealedPaper,
)
from casework.models.leaving import DeskAddress, ElectronicService, Message, Outlet
from casework.models.outbox import (
    DailyRoot,
    DutyRun,
    Notice,
    NoticeRead,
    Publication,
    PublicationLine,
    PublicationReceipt,
    SweepFailure,
)
from casework.models.persons import (
    Account,
    AdminEntry,
    Authority,
    Delegation,
    KeptForm,
    LoginSession,
    Mandate,
    MandatePaper,
    OneTimeCode,
    Party,
    PartyChange,
    PartyPaper,
    Person,
    Place,
    Post,
)
from casework.models.pushed import Push, PushBatch, Reconciliation
from casework.models.rules import CatalogueImport, EditionRow, ProcessVersion, Setting

__all__ = [
    "Account",
    "AdminEntry",
    "Attachment",
    "Authority",
    "Backfill",
    "Base",
    "Case",
    "CaseClock",
    "CaseHandler",
    "CaseSearch",
    "CaseWaiting",
    "CatalogueImport",
    "ChosenFile",
    "CreditEvent",
    "CreditMark",
    "CreditRating",
    "DailyRoot",
    "DataFile",
    "DataImport",
    "Delegation",
    "DeskAddress",
    "Document",
    "Draw",
    "DutyRun",
    "EditionRow",
    "ElectronicService",
    "Evidence",
    "IdempotentReply",
    "ImportRow",
    "KeptForm",
    "LogRow",
    "LoginSession",
    "Mandate",
    "MandatePaper",
    "Message",
    "Notice",
    "NoticeRead",
    "NumberCounter",
    "NumberEntry",
    "OneTimeCode",
    "Outlet",
    "OutsideRecord",
    "Participant",
    "Party",
    "PartyChange",
    "PartyPaper",
    "PartySuccession",
    "PendingSignature",
    "Person",
    "Place",
    "Post",
    "ProcessVersion",
    "Publication",
    "PublicationLine",
    "PublicationReceipt",
    "Push",
    "PushBatch",
    "Reconciliation",
    "Recusal",
    "SealedPaper",
    "Setting",
    "SweepFailure",
]
