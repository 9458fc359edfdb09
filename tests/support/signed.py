"""Signed papers (签名材料): whoever lacks one hands it in, and tries again."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from casework.models import Case

# By step, what the party has to have signed when somebody else enters it: by hand, so that it says
# what the door asks a second time.
STATEMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "waive_defence",
            "waive_hearing",
            "waive_prior_notice",
            "waive_prior_notice_eco",
            "withdraw_hearing",
            "ask_earlier_hearing",
            "withdraw",
            "withdraw_filing",
            "drop_objection",
            "drop_health",
            "drop_eco",
            "request_closure",
            "keep_open",
            "decline",
            "withdraw_commitment",
            "ask_for_time",
            "ask_to_hold",
            "leave",
        ),
        "party_statement",
    ),
    "confirm_address": "address_confirmation",
}


def material_for(step: str, codes: Iterable[str]) -> str:
    """The item that these refusals of a step ask for, if they ask for nothing else."""
    asked: Mapping[str, str] = {
        "no_signed_receipt": "signed_receipt",
        "no_announcement_copy": "announcement_copy",
        "no_try_proof": "try_proof",
        "ending_unproved": "ending_proof",
        "conditions_unproved": "conditions_proof",
        "interest_unproved": "interest_proof",
        "interest_by_two_hands": "interest_proof",
        "no_remedy_paper": "remedy_paper",
        "no_penalty_paper": "penalty_paper",
        "no_payment_slip": "payment_slip",
        "no_later_slip": "payment_slip",
        "no_hearing_announcement": "hearing_announcement",
        "no_performance_record": "performance_record",
        "no_commission_letter": "commission_letter",
        "repair_refusal_unfounded": "repair_finding",
        "refusal_without_finding": "refusal_finding",
        "turning_unfounded": "refusal_finding",
        "no_transfer_receipt": "transfer_receipt",
        "transfer_unaccepted": "transfer_acceptance",
        "jurisdiction_unproved": "jurisdiction_paper",
        "designation_missing": "designation_paper",
        "still_time_to_rectify": "rectification_refusal",
        "no_dated_paper": "party_statement",
        "no_signed_statement": STATEMENTS.get(step, ""),
    }
    found = {asked.get(code, "") for code in codes}
    return found.pop() if len(found) == 1 else ""


def kept_by(item: str, by: str) -> str:
    """Who keeps a paper that somebody needs: what shows the interest of others, another officer."""
    if item != "interest_proof":
        return by
    desk, _, of = by.partition("_")
    if desk == "eco":  # another bureau, which has no window
        return "eco_supervisor"
    return "_".join(filter(None, ("window" if desk != "window" else "reviewer", of)))


def pdf(said: str = "") -> bytes:
    """A PDF of one empty page; what it is to be told apart by stands in it."""
    told = f"%{said}\n" if said else ""
    return (
        f"%PDF-1.4\n{told}1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        "trailer<</Root 1 0 R/Size 4>>\nstartxref\n9\n%%EOF\n"
    ).encode()


def jpeg() -> bytes:
    """The parts of a photograph of one point."""
    return bytes.fromhex(
        "ffd8"
        "ffe000104a46494600010100000100010000"  # JFIF
        "ffc0000b080001000101011100"  # one line of one point
        "ffda0008010100003f00d2cf20"  # what is drawn
        "ffd9"
    )


def png(said: str = "") -> bytes:
    """A picture of one point; what it is to be told apart by stands in it."""
    parts = (
        (b"IHDR", bytes.fromhex("00000001000000010800000000")),
        (b"tEXt", b"said\0" + said.encode()),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)
        for name, content in parts
    )


SMALL_PDF = pdf()


def scan(case: Case, at: datetime, by: str) -> bytes:
    """What somebody scans for a case at its present version: the same if that comes again."""
    said = f"{case.number} {case.version} {at.isoformat()} {by}"
    return pdf(f"scan {said}")
