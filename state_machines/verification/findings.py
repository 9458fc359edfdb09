"""What a verification gives back, and what it has to be told about the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass

# First names that every document may use, whatever its process; the back office supplies them.
# Any other first name in a template is a step of the process, whose input it prints.
COMMON_ROOTS = frozenset(
    {
        "document",
        "authority",
        "parted",
        "party",
        "place",
        "recusal",
        "matter",
        "case",
        "act",
        "clocks",
        "deferred",
        "licence",
        "verify",
        "attachments",
        "documents",
        "draft",
        "extended",
        "hearing",
        "panel",
        "held",
        "said",
        "service",
        "exemption",
        "handlers",
        "violation",
        "repair",
        "exam",
        "notice",
        "payee",
        "sentence",
        "sums",
        "grading",
        "correction",
        "decided",
        "urging",
    }
)

# What the back office adds to the input of every step: its legal date, and what was issued by then.
ADDED_FIELDS = frozenset({"on", "checked_on", "documents"})

# The name under which a process keeps the input of the form that opened it.
OPENING = "application"


@dataclass(frozen=True, order=True)
class Finding:
    """One hole in a declaration: where, of what kind (a stable code), and the story of it."""

    process: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.process}: {self.message} [{self.kind}]"


@dataclass(frozen=True)
class DocumentKnowledge:
    """What is known of a document (文书) in the catalogue.

    `template_fields` are the dotted fields its Word template prints, as in
    `request_supplement.items[].what`; a bare `recheck` is a question whether that step was taken.
    None when the template is missing.
    """

    template_fields: frozenset[str] | None
