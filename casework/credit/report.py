"""The credit report (信用报告) as a Word file: the rating, item by item, and the file behind it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.codes import CODE_LABELS
from casework.common.timekeeping import legal_date
from casework.credit.reading import CreditEventView, credit_of, known_party
from casework.documents.files import DOCX, File
from casework.kernel.office import Office

_KEY = "credit_report"


def credit_report(office: Office, session: Session, actor: Actor, code: str) -> File:
    """What the actor may see of a party's file, as of today. Raises NotFound."""
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    kind = rules.document(_KEY, today, "")
    template, _ = rules.template(_KEY, today, "")
    view = credit_of(office, session, actor, code)
    party, _ = known_party(office, session, actor, code)
    report = {
        "party": party.name,
        "code_label": CODE_LABELS[party.code_kind],
        "code": view.party.code,
        "on": today.isoformat(),
        "grade": view.rating.grade,
        "label": view.rating.label,
        "score": view.rating.score,
        "begin": view.rating.begin,
        "table": view.rating.table,
        "veto": view.rating.veto,
        "lines": [asdict(line) for line in view.rating.lines],
        "items": [
            {
                "on": event.occurred_on.isoformat(),
                "label": event.label,
                "authority": event.authority,
                "status": _status(event),
            }
            for event in view.events
        ],
    }
    return File(f"{kind.label}（{party.name}）.docx", DOCX, template.render({"report": report}))


def _status(event: CreditEventView) -> str:
    if event.ended:
        return event.ended
    return f"有效，至{event.counts_until}" if event.counts_until else "长期有效"
