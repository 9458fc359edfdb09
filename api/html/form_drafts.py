"""Drafts of forms (草稿): what is being typed is saved under its person, and opens again anywhere.

A form saves itself while somebody types (`htmx`), and by its button 暂存 where no scripts run; both
send the whole form to the address at which it is saved. The later saving wins, and a page whose
form was saved elsewhere since is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response

from api.html.asking import OUR_OWN
from api.html.site import Posted, Visit, acting, go
from casework.people import kept_forms

_SENDER = "HX-Trigger"  # the header in which htmx names what sends
_SAVER, _REHEARSAL = "saver", "rehearsal"
MARK = "_draft"  # the saving that a page knows of
CHOSEN = "_chosen"  # the names of files, where a script sends them instead
_PASSWORDS = frozenset({"password", "again", "old"})
_NOT_TYPED = frozenset({*OUR_OWN, *_PASSWORDS, MARK, CHOSEN} - {"_version", "_key"})


@dataclass(frozen=True)
class DraftForm:
    """A form that can be saved: the page on which it opens, what it is of, where it is saved."""

    page: str
    title: str
    saved_at: str


def saves_itself(request: Request) -> bool:
    """Whether a form is saved by a script, and not sent by a person."""
    return request.headers.get(_SENDER) == _SAVER


def looks_ahead(request: Request) -> bool:
    """Whether a script only asks what the form would bring about, as it is filled in so far."""
    return request.headers.get(_SENDER) == _REHEARSAL


def typed(posted: Posted) -> dict[str, list[str]]:
    """What was typed into a form, without what is a password or the page's own."""
    return {name: list(some) for name, some in posted.values.items() if name not in _NOT_TYPED}


def chosen(posted: Posted) -> list[str]:
    """The names of files that were chosen; their bytes are not kept."""
    names = [upload.name for pile in posted.piles.values() for upload in pile]
    return [name.replace("\0", "") for name in (*names, *posted.values.get(CHOSEN, ()))]


def restore(visit: Visit, page: str) -> None:
    """Open a page with the draft of its form, unless it opens with what was left just before."""
    if visit.left:
        return
    with visit.office.database.session() as session:
        visit.draft = kept_forms.draft(session, acting(visit).person_id, page, visit.now)
    if visit.draft:
        visit.posted = Posted(visit.draft.fields)


def save(visit: Visit, form: DraftForm, *, moved_on: bool = False) -> Response:
    """Save what is typed; to a script a line that says so, to all others the page once more.

    By itself nothing is saved anew of a form that was sent or cleared away on another page, or
    whose case has `moved_on`. Raises TooLarge.
    """
    by_itself = saves_itself(visit.request)
    known = visit.posted.text(MARK)
    with visit.office.database.session() as session:
        person = acting(visit).person_id
        before = kept_forms.draft(session, person, form.page, visit.now)
        if by_itself and before is None and (known or moved_on):
            return visit.page("draft_line.html", draft=None, elsewhere=None)
        rules = visit.office.rules.current(session)
        days = rules.value(kept_forms.KEEPING_DAYS, visit.today, "")
        draft = kept_forms.save(
            session,
            person,
            form.page,
            form.title,
            typed(visit.posted),
            chosen(visit.posted),
            visit.now,
            timedelta(days=days),
        )
    if not by_itself:
        return go(form.page, "draft_saved")
    elsewhere = before if before and before.mark != known else None
    return visit.page("draft_line.html", draft=draft, elsewhere=elsewhere)


def discard(visit: Visit, page: str) -> None:
    """Keep the draft of a form no longer: it was sent."""
    with visit.office.database.session() as session:
        kept_forms.discard(session, acting(visit).person_id, page)
