"""The blank 授权委托书 that a party signs, with what the register knows of it already filled in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.codes import CODE_LABELS, normalise
from casework.common.problems import NotFound
from casework.common.timekeeping import legal_date
from casework.documents.files import DOCX, File
from casework.kernel.office import Office
from casework.models import Party
from casework.people.mandates import SCOPES, firms_of
from state_machines.language.vocabulary import Role

_KEY = "mandate_form"


def mandate_form(
    office: Office, session: Session, actor: Actor | None, party_code: str = ""
) -> File:
    """The form as a Word file (民法典165: name, matter, power, term, signature).

    Blank without a party's code. A clerk gets it filled for any party, others for those they act
    for today. Raises NotFound for any other code.
    """
    today = legal_date(office.time.now())
    rules = office.rules.current(session)
    kind = rules.document(_KEY, today, "")
    template, _ = rules.template(_KEY, today, "")
    party = _party(office, session, actor, party_code) if party_code.strip() else None
    form = {
        "party": party.name if party else "",
        "code_label": CODE_LABELS[party.code_kind] if party else "代码或身份证件号码",
        "code": party.code if party else "",
        "representative": party.representative if party else "",
        "address": party.address if party else "",
        "phone": party.phone if party else "",
        "scope": list(SCOPES.values()),
    }
    name = f"{kind.label}（{party.name}）.docx" if party else f"{kind.label}.docx"
    return File(name, DOCX, template.render({"form": form}))


def _party(office: Office, session: Session, actor: Actor | None, code: str) -> Party:
    """The party of that code, if the actor is a clerk or acts for it. Raises NotFound."""
    wanted = normalise(code)
    party = session.scalar(select(Party).where(Party.code == wanted))
    known = actor is not None and (
        Role.WINDOW_CLERK in reader_of(office, session, actor).roles
        or any(
            firm.code == wanted and any(mandate.holds for mandate in firm.mine)
            for firm in firms_of(office, session, actor)
        )
    )
    if party is None or not known:
        raise NotFound("没有这个当事人，或者您不能代其填写授权委托书；可以下载空白的授权委托书")
    return party
