"""What a correction begins with (预填)."""

from __future__ import annotations

from api.cases.prefilling import Desk
from api.html.form_fields import Guide, Option
from state_machines.language.vocabulary import Correct


def _correction(desk: Desk, effect: Correct) -> Guide:
    """Of which document, and in what: only what the authority's rule lets be corrected."""
    rules = desk.visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    fields = rules.value("corrections.fields", desk.visit.today, region)
    titles = {
        document.key: document.title
        for document in desk.case.documents
        if document.key in effect.documents
    }
    return Guide(
        begin={"document": next(iter(titles), "")},
        options={
            "document": [Option(key, title) for key, title in titles.items()],
            "items.*.field": [Option(name, name) for name in fields],
        },
        note="只补正文字笔误；事实、依据、处理和金额有错误的，应当依法撤销或者变更后重新作出。",
    )


EFFECTS = {Correct: _correction}
