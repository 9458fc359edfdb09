"""Logging in over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.front import PASSWORD, V1, Front, refused
from tests.support.town import Town


def _log_in(front: Front, username: str, password: str = PASSWORD) -> Any:
    return front.post(None, "/session", {"username": username, "password": password})


def _me(front: Front, token: str) -> Any:
    return front.client.get(V1 + "/me", headers={"Authorization": f"Bearer {token}"})


def test_logging_in_gives_a_token_and_logging_out_ends_it(front: Front) -> None:
    front.set_passwords()
    answer = _log_in(front, "window")
    assert answer.status_code == 200
    token = answer.json()["token"]
    assert _me(front, token).json() == {
        "name": "甲window",
        "posts": [
            {
                "role": "window_clerk",
                "label": "窗口人员",
                "authority": "南通市崇川区卫生健康委员会",
            }
        ],
        "parties": [],
    }
    gone = front.client.delete(V1 + "/session", headers={"Authorization": f"Bearer {token}"})
    assert gone.status_code == 204
    refused(_me(front, token), 401, "not-logged-in")


def test_an_applicant_reads_for_whom_it_acts(quiet: Front) -> None:
    assert quiet.get("applicant", "/me").json()["parties"] == [
        {"code": "91440300708461136T", "name": "南通滨江宾馆有限公司"}
    ]


@pytest.mark.parametrize(
    ("username", "password"), [("window", "wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_pair_is_refused_without_saying_which(
    quiet: Front, username: str, password: str
) -> None:
    quiet.set_passwords()
    problem = refused(_log_in(quiet, username, password), 401, "login-refused")
    assert problem["detail"] == "账号或密码不正确"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "window"},
        {"username": "window", "password": 1},
        {"username": "a\0b", "password": "x"},
        {"username": "window", "password": "x" * 401},
        {"username": "window", "password": "demo", "remember": True},
        [],
        "demo",
        None,
    ],
)
def test_a_malformed_log_in_is_refused_in_chinese(quiet: Front, body: Any) -> None:
    problem = refused(quiet.ask(None, "POST", "/session", json=body), 422, "bad-input")
    assert problem["errors"]
    assert problem["detail"].startswith("请求填写有误：")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", "Basic d2luZG93OmRlbW8=", "Bearer é"]
)
def test_a_forged_identity_is_nobodys(quiet: Front, authorization: str) -> None:
    answer = quiet.client.get(
        V1 + "/me", headers={"Authorization": authorization.encode("latin-1")}
    )
    refused(answer, 401, "not-logged-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_guessing_a_password_ends_after_a_few_tries(quiet: Front) -> None:
    answers = [_log_in(quiet, "nobody", str(n)).status_code for n in range(21)]
    assert answers == [401] * 20 + [429]
    problem = refused(_log_in(quiet, "window"), 429, "too-many-requests")
    assert "一分钟" in problem["detail"]
    quiet.app.state.tries.reset()
    refused(_log_in(quiet, "window", "wrong"), 401, "login-refused")


def test_a_log_in_lapses(front: Front, town: Town) -> None:
    assert front.get("window", "/me").status_code == 200
    town.time.pass_(hours=3)
    problem = refused(front.get("window", "/me"), 401, "not-logged-in")
    assert problem["detail"] == "登录已失效，请重新登录"
