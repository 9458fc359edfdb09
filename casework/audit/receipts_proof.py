"""Proving of each scan of a channel's receipt (公示回执核验), once for all its entries."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework.audit.faults import Fault
from casework.models import PublicationReceipt


def faults_of_receipts(session: Session) -> list[Fault]:
    """What is wrong with the scans that are kept. None if all is well."""
    receipt = PublicationReceipt
    digest = func.encode(func.sha256(receipt.content), "hex")
    wrong = or_(
        receipt.digest.is_distinct_from(digest),
        receipt.size.is_distinct_from(func.octet_length(receipt.content)),
    )
    found = select(receipt.digest).where(wrong).order_by(receipt.digest)
    return [
        Fault("公示回执", None, f"{digest}的内容与登记的校验值不一致")
        for digest in session.scalars(found)
    ]
