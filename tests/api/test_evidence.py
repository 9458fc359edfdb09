"""`/cases/{number}/evidence` and `/cases/{number}/file`, over HTTP alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from casework.audit.court_file_proof import verify_file
from tests.casework.test_evidence import PHOTO, item
from tests.support.front import Front, refused
from tests.support.journeys import address, check_to
from tests.support.scenes import SCENE
from tests.support.town import Town

pytestmark = pytest.mark.slow


def _post(front: Front, who: str | None, number: str, **changes: Any) -> Any:
    files = {"file": PHOTO} if changes.pop("file", True) else None
    return front.ask(
        who,
        "POST",
        f"/cases/{number}/evidence",
        data={"item": json.dumps(item(**changes))},
        files=files,
    )


def test_evidence_is_entered_replaced_withdrawn_and_exported(town: Town, front: Front) -> None:
    number = check_to(town, town.granted(address=address(1)), "assigned")
    path = f"/cases/{number}/evidence"
    entered = _post(front, "inspector1", number)
    assert (entered.status_code, entered.json()["n"]) == (201, 1)
    newer = {**item(), "replaces": 1, "reason": "提取原始文件"}
    answer = front.ask(
        "inspector1",
        "POST",
        f"{path}/1/versions",
        data={"item": json.dumps(newer)},
        files={"file": ("原图.png", PHOTO[1] + b"1")},
    )
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    stale = front.post(
        "inspector1", f"{path}/1/withdrawals", {"replaces": 1, "reason": "与本案无关"}
    )
    refused(stale, 409, "stale-version")
    gone = front.post(
        "inspector1", f"{path}/1/withdrawals", {"replaces": 2, "reason": "与本案无关"}
    )
    assert gone.json()["withdrawn"]
    listed = front.get("legal", path).json()
    assert [(one["version"], one["current"]) for one in listed] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert front.get("legal", f"{path}/1/versions/1").content == PHOTO[1]
    assert front.step("inspector1", number, "record_scene", SCENE).status_code == 202
    assert front.sign("inspector2", number, "record_scene").status_code == 200
    exported = front.get("inspector1", f"/cases/{number}/file")
    assert exported.headers["content-type"] == "application/zip"
    assert verify_file(exported.content).faults == ()
    told = {line["label"] for line in front.get("inspector1", f"/cases/{number}/log").json()}
    assert {"登记证据", "更换证据", "撤回证据", "制作现场笔录"} <= told


def test_what_is_not_evidence_and_who_may_not_is_told(town: Town, front: Front) -> None:
    number = check_to(town, town.granted(address=address(1)), "inspected")
    path = f"/cases/{number}/evidence"
    alone = refused(
        _post(front, "inspector1", number, collectors=["inspector1"]), 409, "guard-refused"
    )
    assert "第四十二条" in alone["law"]
    refused(_post(front, "inspector1", number, kind="传闻"), 422, "bad-input")
    junk = front.ask("inspector1", "POST", path, data={"item": "{"})
    refused(junk, 422, "bad-input")
    refused(front.ask("inspector1", "POST", path, data={"item": "[]"}), 422, "bad-input")
    refused(_post(front, "supervisor", number), 403, "not-allowed")
    refused(_post(front, "applicant2", number), 404, "not-found")
    refused(_post(front, None, number), 401, "not-logged-in")
    for who in ("applicant", "applicant2", "window_b"):
        refused(front.get(who, path), 404, "not-found")
        refused(front.get(who, f"/cases/{number}/file"), 404, "not-found")
        refused(front.get(who, f"{path}/1/versions/1"), 404, "not-found")
    refused(front.get("inspector1", f"{path}/9/versions/1"), 404, "not-found")
    refused(
        front.post("inspector1", f"{path}/9/withdrawals", {"replaces": 1, "reason": "无"}),
        404,
        "not-found",
    )
