"""What a promise begins with (预填): the questions that are asked, and who signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from api.cases.prefilling import Desk, Prefiller, at_the_counter
from api.html.form_fields import Guide, Option
from api.html.site import acting
from casework.parts.promise.education import drawn


def _education(desk: Desk) -> Guide:
    visit = desk.visit
    process, _ = visit.office.versions.in_force(desk.session, desk.case.process, visit.today)
    rules = visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    quiz = rules.quiz(process.matter or "", visit.today, region)

    def told(text: str) -> str:
        return rules.with_limits(text, visit.today, region)

    questions = drawn(quiz, desk.case.number)
    choices = {
        f"answers.{row}.choice": [Option(str(n), told(o)) for n, o in enumerate(question.options)]
        for row, question in enumerate(questions)
    }
    return Guide(
        begin={"answers": [{"question": question.key} for question in questions]},
        options={
            "answers.*.question": [Option(q.key, told(q.text)) for q in questions],
            **choices,
        },
        fixed=frozenset({"answers.*.question"}),
        whole=frozenset({"answers"}),
        note="\n".join(told(paragraph) for paragraph in quiz.reading),
    )


def _promise(desk: Desk) -> Guide:
    signer = at_the_counter(desk) if desk.case.as_officer else acting(desk.visit).name
    return Guide(
        begin={"signer": signer},
        hints={"ready_by": "已经符合全部条件的不填；填写的，在该日期前达到条件并经确认后方可营业"},
        note="请逐项阅读告知书并勾选。作出不实承诺或者违反承诺的，许可将被撤销并记入信用记录。",
    )


def _promise_to_go_on(desk: Desk) -> Guide:
    return replace(_promise(desk), hints={})


STEPS: Mapping[str, Prefiller] = {
    "study": _education,
    "instant_licence.commit": _promise,
    "licence_renewal.commit": _promise_to_go_on,
    "licence_change.commit": _promise_to_go_on,
}
