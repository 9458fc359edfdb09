"""What an exam begins with (预填): the questions of the sitting."""

from __future__ import annotations

from collections.abc import Mapping

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide, Option
from api.html.site import acting
from casework.credit.training.sittings import paper, sittings
from casework.reading import find


def _paper(desk: Desk) -> Guide:
    """The questions of the sitting that is under way."""
    visit, session = desk.visit, desk.session
    rules = visit.office.rules.current(session)
    case = find(visit.office, session, acting(visit), desk.case.number)[0]
    sat = sittings(session, case)
    questions = paper(rules, sat[-1], desk.given("application").get("region", "")) if sat else []
    return Guide(
        begin={"answers": [{"question": question.key} for question in questions]},
        options={
            "answers.*.question": [Option(q.key, q.text) for q in questions],
            **{
                f"answers.{row}.choice": [
                    Option(str(n), option) for n, option in enumerate(question.options)
                ]
                for row, question in enumerate(questions)
            },
        },
        fixed=frozenset({"answers.*.question"}),
        whole=frozenset({"answers"}),
        note="请在考试时间内交卷，到时以系统时间为准；超时不能交卷，没有作答的题按答错计算。",
    )


STEPS: Mapping[str, Prefiller] = {
    "submit_paper": _paper,
}
