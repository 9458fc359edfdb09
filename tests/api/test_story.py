"""One promise from the counter to its revocation, over HTTP alone.

What no request can do is done by what does it in earnest: the sweep that Prefect would run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework.common.demo_time import DemoTime
from casework.duties.due_clocks import fire_due_clocks
from casework.kernel.office import Office
from casework.models import Document
from casework.rules.rendering import printed_text
from tests.support.front import PASSWORD, V1, Front, refused
from tests.support.serving import RECEIPT
from tests.support.signed import pdf
from tests.support.town import (
    INSPECTORS,
    NOTICE,
    StoppedTime,
    Town,
    answers,
    application,
    look,
    order,
)
from tests.support.town import promise as promises
from tests.support.town import review as opinion

CODE = "91440300708461136T"
MATERIALS = ("application_form", "identity", "test_report", "management_rules")


class Story:
    """The town's people at their desks, each logged in with a password."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.front = Front(town, demo=True)
        self.front.set_passwords()
        self._tokens: dict[str, str] = {}
        self.signed = 0

    def ask(self, who: str | None, method: str, path: str, **request: Any) -> Any:
        """One request, as anybody with None."""
        headers = {"Authorization": f"Bearer {self._token(who)}"} if who else {}
        return self.front.client.request(method, V1 + path, headers=headers, **request)

    def get(self, who: str | None, path: str) -> Any:
        """What is there to read."""
        answer = self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def take(self, who: str, number: str, step: str, _input: Any = None) -> Any:
        """Take a step, as the first of two officers if joined by `+`, and have it confirmed."""
        first, _, second = who.partition("+")
        version = self.get(first, f"/cases/{number}")["version"]
        body = {"version": version, "input": _input or {}}
        answer = self.ask(first, "POST", f"/cases/{number}/steps/{step}", json=body)
        if second:
            assert answer.status_code == 202, answer.text
            signing = f"/cases/{number}/steps/{step}/signatures"
            answer = self.ask(second, "POST", signing, json={"version": version})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def apply(self, who: str, **changes: Any) -> Any:
        """Open an application."""
        body = {"process": "instant_licence", "data": application(**changes)}
        answer = self.ask(who, "POST", "/cases", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def upload(self, who: str, number: str, *materials: str) -> None:
        """Hand in a file for each material."""
        for material in materials:
            answer = self.ask(
                who,
                "POST",
                f"/cases/{number}/attachments",
                data={"material": material},
                # What is signed at another time is another paper.
                files={"file": (f"{material}.pdf", pdf(f"{self.signed}"))},
            )
            assert answer.status_code == 201, answer.text
            self.signed += 1

    def turn_to(self, day: date) -> None:
        """Turn the calendar."""
        answer = self.ask("supervisor", "POST", "/demo/clock", json={"to": f"{day}T09:00:00+08:00"})
        assert answer.status_code == 200, answer.text

    def relative(self, who: str, number: str, process: str) -> str:
        """The number of a related case."""
        related = self.get(who, f"/cases/{number}")["related"]
        return next(case["number"] for case in related if case["process"] == process)

    def granted(self) -> str:
        """An application through supplement and promise to its delivered certificate."""
        opened = self.apply("applicant")
        number: str = opened["number"]
        self.upload("applicant", number, *MATERIALS)
        self.take("applicant", number, "submit")
        asked = {"items": [{"material": "plans", "what": "缺少卫生设施平面布局图"}]}
        self.take("window", number, "request_supplement", asked)
        self.upload("applicant", number, "plans")
        self.take("applicant", number, "supply")
        self.take("window", number, "accept")
        self.take("window", number, "inform")
        self.take("applicant", number, "study", answers())
        self.take("applicant", number, "commit", promises())
        self.take("window", number, "grant")
        self.take("window", number, "deliver", {"recipient": "陈志远"})
        tracked = self.get(None, f"/track/{number}?code={opened['tracking_code']}")
        assert (tracked["state_label"], tracked["ended"]) == ("已送达", True)
        return number

    def revoked(self, number: str) -> None:
        """The check of a granted application to the deregistration of its licence."""
        check = self.relative("supervisor", number, "commitment_check")
        pair = "inspector1+inspector2"
        self.take("supervisor", check, "assign", INSPECTORS)
        self.take(pair, check, "inspect", look(met=False))
        self.take("inspector1", check, "order_rectification", order())
        self.upload("inspector1", check, "signed_receipt")
        self.take("inspector1", check, "serve_order", RECEIPT)
        self.turn_to(date(2026, 11, 20))
        self.take(pair, check, "recheck", look(met=False))
        self.take(pair, check, "find_broken", {"reason": "逾期未整改"})
        self.take(pair, check, "notify_revocation", NOTICE)
        self.take("applicant", check, "state_defence", {"text": "检测机构排期已满，请求宽限"})
        # A statement leaves the time for statements as it is; this firm needs no more of it.
        self.take("applicant", check, "waive_defence")
        self.take("applicant", check, "waive_hearing")
        self.take("inspector2", check, "submit_review", {"defence_considered": "不予采纳"})
        self.take("legal", check, "pass_review", opinion())
        self.take("approver", check, "revoke", NOTICE)

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            said = {"username": who, "password": PASSWORD}
            answer = self.front.client.post(V1 + "/session", json=said)
            self._tokens[who] = answer.json()["token"]
        return self._tokens[who]


@pytest.fixture
def story(town: Town) -> Iterator[Story]:
    """A story in a town whose calendar can be turned."""
    time = DemoTime(town.database, machine=StoppedTime())
    town.office = Office(town.database, time, public_url="http://127.0.0.1:8000")
    yield Story(town)
    time.close()


def test_from_application_to_revocation_and_what_follows(story: Story) -> None:
    number = story.granted()
    licence = story.get("applicant", f"/cases/{story.relative('applicant', number, 'licence')}")
    verify = f"/verify/{licence['tracking_code']}"
    assert story.get(None, verify)["state_label"] == "有效"
    granted = story.get("window", f"/licences/{licence['data']['application']['number']}")
    assert granted["certificate"]["valid_until"] == "2030-08-31"

    # The check is open, with its due date: one month in Jiangsu, past the National Day.
    check = story.relative("window", number, "commitment_check")
    [clock] = [c for c in story.get("window", f"/cases/{check}")["clocks"] if c["live"]]
    assert (clock["label"], clock["due_on"]) == ("核查期限", "2026-10-08")
    assert clock["lines"][0].startswith("告知承诺事后核查期限：一个月")
    assert (
        clock["lines"][-1]
        == "最后一日2026年10月1日不计，顺延至2026年10月8日（《民事诉讼法》第八十五条）"
    )

    # Past it, it escalates.
    story.turn_to(date(2026, 10, 8))
    fire_due_clocks(story.town.office)
    assert story.get("supervisor", "/overview")["breaches"] == []
    story.turn_to(date(2026, 10, 9))
    fire_due_clocks(story.town.office)
    overview = story.get("supervisor", "/overview")
    assert [(b["case"], b["subject"]) for b in overview["breaches"]] == [
        (check, f"超期：{check} 核查期限")
    ]
    assert story.get("supervisor", f"/cases/{check}/log")[-1]["label"] == "超期：核查期限"

    # The breach leads through notice, defence and legal review to revocation.
    story.revoked(number)
    assert story.get("approver", f"/cases/{check}")["state_label"] == "撤销"
    public = story.get(None, verify)
    assert (public["state_label"], public["stands"]) == ("已撤销", False)
    story.upload("inspector1", check, "signed_receipt")
    story.take("inspector1", check, "serve", RECEIPT)
    story.take("approver", check, "deregister")
    assert story.get(None, verify)["state_label"] == "已注销"

    # The firm's next application is refused the promise route, with the article.
    again = story.apply("applicant", address="南通市崇川区濠北路2号")["number"]
    story.upload("applicant", again, *MATERIALS, "plans")
    story.take("applicant", again, "submit")
    story.take("window", again, "accept")
    story.take("window", again, "inform")
    story.take("applicant", again, "study", answers())
    version = story.get("applicant", f"/cases/{again}")["version"]
    promise = {"version": version, "input": promises()}
    answer = story.ask("applicant", "POST", f"/cases/{again}/steps/commit", json=promise)
    problem = refused(answer, 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "promise_barred"
    assert "国办发〔2020〕42号" in problem["law"]
    assert "违反承诺被撤销许可" in problem["detail"]
    assert story.get("applicant", f"/parties/{CODE}/credit")["may_promise"] is False
    assert story.take("applicant", again, "decline")["state"] == "ordinary_review"

    # Another district's clerk sees none of it.
    assert story.get("window_b", "/cases")["cases"] == []
    assert story.get("window_b", "/notices") == []
    for hidden in (number, check, licence["number"], again):
        for path in ("", "/steps", "/log", "/documents/1", "/attachments/1"):
            refused(story.ask("window_b", "GET", f"/cases/{hidden}{path}"), 404, "not-found")


@pytest.mark.slow
def test_every_document_of_the_story_opens_in_libreoffice_with_all_it_says(
    story: Story, tmp_path: Path
) -> None:
    number = story.granted()
    story.revoked(number)
    check = story.relative("approver", number, "commitment_check")
    story.upload("inspector1", check, "signed_receipt")
    story.take("inspector1", check, "serve", RECEIPT)
    story.take("approver", check, "deregister")
    cases = [number, check, story.relative("approver", number, "licence")]
    left = tmp_path / "left"
    left.mkdir()
    listed = {}
    for case in cases:
        for document in story.get("approver", f"/cases/{case}")["documents"]:
            path = f"/cases/{case}/documents/{document['id']}"
            (left / f"{document['id']}.docx").write_bytes(
                story.ask("approver", "GET", path).content
            )
            listed[document["id"]] = document["key"]
    assert set(listed.values()) == {
        "receipt", "supplement_notice", "acceptance_notice", "inform_notice", "commitment_letter",
        "grant_decision", "certificate", "certificate_duplicate", "service_receipt",
        "check_record", "rectification_order", "revocation_notice", "legal_review_opinion",
        "revocation_decision", "deregistration_decision",
        "deregistration_notice",
    }  # fmt: skip
    opened = tmp_path / "opened"
    subprocess.run(
        [
            "soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office",
            "--convert-to", "docx", "--outdir", str(opened), *map(str, sorted(left.iterdir())),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )  # fmt: skip
    with story.town.session() as session:
        rules = story.town.office.rules.current(session)
        for row in session.scalars(select(Document).order_by(Document.id)):
            template, _ = rules.template(row.key, row.issued_on, "320613")
            text = "".join(printed_text((opened / f"{row.id}.docx").read_bytes()).split())
            fields = template.fields - {"verify.url"}  # printed as a picture
            context = row.context
            if row.key == "rectification_order":  # names only what was found wanting
                wanting = [r for r in context["inspect"]["results"] if not r["met"]]
                context = {**context, "inspect": {**context["inspect"], "results": wanting}}
            if context.get("state_defence"):  # who stated something was not silent
                fields -= {"notice.silent"}
            said = [value for field in fields for value in _values(context, field)]
            assert said
            missing = [value for value in said if not _stands_in(text, value)]
            assert not missing, f"{row.key}: {missing}"


def _values(context: Any, field: str) -> Iterator[Any]:
    """What a context holds under a field such as `order.items[].what`."""
    head, _, rest = field.partition(".")
    if not isinstance(context, Mapping):
        return
    found = context.get(head.removesuffix("[]"))
    for one in found if head.endswith("[]") and isinstance(found, list) else [found]:
        if rest:
            yield from _values(one, rest)
        elif isinstance(one, str | int | float) and not isinstance(one, bool) and one != "":
            yield one


def _stands_in(text: str, value: Any) -> bool:
    """Whether a value is printed: as it is, or as the date it is."""
    said = "".join(str(value).split())
    if said in text:
        return True
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return False
    return f"{day.year}年{day.month}月{day.day}日" in text
