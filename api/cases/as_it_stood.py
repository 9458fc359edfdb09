"""A case as it stood at the end of a day (历史状态): a page to read, on which nothing is done."""

from __future__ import annotations

from fastapi.responses import Response

from api.cases import prefilling
from api.html.dates import read_needed_day
from api.html.site import Visit, acting
from casework import reading
from casework.common.problems import BadInput

AS_OF = "as_of"  # under which the address names the day


def as_it_stood(visit: Visit, number: str) -> Response:
    """The page of the day that was asked for; of one that cannot be, why not, and the question
    again."""
    office, actor = visit.office, acting(visit)
    asked = visit.asked(AS_OF)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
        labels = prefilling.for_reading(visit, session, case)
        try:
            day = read_needed_day(asked, AS_OF, "日期")
            past = reading.past_case(office, session, actor, number, day)
        except BadInput as problem:
            given = {"case": case, "past": None, "problem": problem, "asked": asked}
            return visit.page("past.html", status=problem.status, **given)
    return visit.page("past.html", case=case, past=past, problem=None, asked=asked, labels=labels)
