"""Masking personal data (个人信息脱敏) for readers whom it does not concern."""

from __future__ import annotations

from casework.models import Party


def mask_name(name: str) -> str:
    """A person's name with only its first character left: 陈志远 as 陈**."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_code(code: str) -> str:
    """The number of a document with its middle hidden: 110105********002X."""
    kept = 6 if len(code) > 10 else 2
    return code[:kept] + "*" * max(len(code) - kept - 4, 0) + code[-4:]


def masked_phone(phone: str) -> str:
    """A telephone number with its middle hidden: 138****0001."""
    return phone[:3] + "*" * max(len(phone) - 7, 1) + phone[-4:]


def public_name(party: Party) -> str:
    """A party's name as the public may read it: a firm's whole, a person's masked."""
    return party.name if party.code_kind == "uscc" else mask_name(party.name)
