"""The log (全过程记录): rows that can only be added, chained per case with SM3.

A row's hash covers its header, the salted digest of its payload and the hash before it, so that
the chain holds when personal data are taken out of a payload. Only a redaction does that
(`redactions`), which is a row of its own; whatever else replaces a payload is a forgery.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

from casework.models import Case, LogRow

FIRST = "0" * 64
OPENED = 1  # the row with which a case begins
# The kinds of row that make a new version of the case.
COUNTED = ("step", "returned", "evidence", "entered", "turned_back")


def sm3(text: str) -> str:
    """SM3 (GB/T 32905) of a text in UTF-8, as hex."""
    digest = Hash(SM3())
    digest.update(text.encode())
    return digest.finalize().hex()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: the text that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_digest(salt: str, payload: Mapping[str, Any]) -> str:
    """The salted digest of a payload."""
    return sm3(salt + canonical(payload))


def new_salt() -> str:
    """A salt that no payload has had."""
    return secrets.token_hex(16)


def row_hash(header: Mapping[str, Any], digest_of_payload: str, previous: str) -> str:
    """The hash of a row."""
    return sm3(canonical({"header": header, "payload": digest_of_payload, "previous": previous}))


@dataclass(frozen=True)
class Entry:
    """What one row says happened.

    `kind` is `open`, `step`, `expiry`, `recount`, `returned` (a first signature), `evidence` (an
    entry in the register), `entered` (a statement for the file), `handed_in` (a file),
    `published` (shown, or taken down again), `read` (by the party, before its service),
    `late_entry` (a supervisor lets a step be entered late), `turned_back` (what a clock did by
    itself did not happen), `redaction` (personal data are proposed to be taken away, or that is
    given back) or `redacted` (they are); `officers` are person ids in signing
    order. `backfill` is the id of that under which the act was entered afterwards (专项补录);
    `also` stands in the header besides.
    """

    kind: str
    name: str
    source: str
    target: str
    effective_at: datetime
    recorded_at: datetime
    role: str
    officers: tuple[int, ...]
    account: int | None
    channel: str
    on_behalf: int | None
    mandate: int | None
    track: str | None
    clock: str | None
    payload: Mapping[str, Any]
    backfill: int | None = None
    also: Mapping[str, Any] = field(default_factory=dict)


def appended(case: Case, entry: Entry) -> LogRow:
    """The next row of the case's log; the case's head is moved to it."""
    header = {
        "case": case.number,
        "process": case.version_digest,
        "seq": case.head_seq + 1,
        "kind": entry.kind,
        "name": entry.name,
        "track": entry.track,
        "clock": entry.clock,
        "source": entry.source,
        "target": entry.target,
        "effective_at": entry.effective_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "role": entry.role,
        "officers": list(entry.officers),
        "account": entry.account,
        "channel": entry.channel,
        "on_behalf": entry.on_behalf,
        "mandate": entry.mandate,
    }
    if entry.backfill is not None:
        header["backfill"] = entry.backfill
    header |= entry.also
    salt = new_salt()
    payload = dict(entry.payload)
    digest = payload_digest(salt, payload)
    row = LogRow(
        case_id=case.id,
        seq=case.head_seq + 1,
        header=header,
        payload=payload,
        salt=salt,
        payload_digest=digest,
        previous=case.head_hash,
        hash=row_hash(header, digest, case.head_hash),
    )
    case.head_seq = row.seq
    case.head_hash = row.hash
    return row
