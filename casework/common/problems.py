"""What the back office answers when it cannot do what was asked.

Each problem has a stable `type`, a Chinese `title` and `detail`, and the article if law is why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.common import committed
from state_machines.language.vocabulary import Refusal

RETRY_AFTER = 5  # seconds until it is worth asking again


class Problem(Exception):
    """Something the caller can understand and act on; nothing was changed."""

    type = "problem"
    title = "请求无法处理"
    status = 400

    def __init__(self, detail: str, *, law: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.law = law
        self.extra = extra


class NotFound(Problem):
    """It does not exist, or not for this person."""

    type = "not-found"
    title = "未找到"
    status = 404


class NotAllowed(Problem):
    """The person may not do this."""

    type = "not-allowed"
    title = "无权办理"
    status = 403


class BadInput(Problem):
    """The input is wrong; `errors` lists where and why."""

    type = "bad-input"
    title = "填写有误"
    status = 422

    def __init__(
        self, detail: str, errors: Sequence[dict[str, str]] = (), *, law: str = ""
    ) -> None:
        super().__init__(detail, law=law, errors=list(errors))


class StepNotOfState(Problem):
    """The case is not in a state in which this step exists."""

    type = "step-not-of-state"
    title = "当前状态不能办理该步骤"
    status = 409


class StaleVersion(Problem):
    """Somebody else took the case further meanwhile."""

    type = "stale-version"
    title = "案件已有新的办理情况"
    status = 409


class GuardRefused(Problem):
    """The law does not allow the step now; `reasons` says why, each with its article."""

    type = "guard-refused"
    title = "条件不满足"
    status = 409

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(
            "；".join(refusal.text for refusal in refusals),
            law="；".join(dict.fromkeys(r.law for r in refusals if r.law)),
            reasons=[{"code": r.code, "text": r.text, "law": r.law} for r in refusals],
        )


class BadDate(Problem):
    """The legal date cannot be: in the future, before the case, before what was decided."""

    type = "bad-date"
    title = "日期有误"
    status = 422


class ClockBehind(Problem):
    """The clock of this machine is far behind the one that told when the last act was."""

    type = "clock-behind"
    title = "服务器时钟有误"
    status = 503


class KeyReused(Problem):
    """An idempotency key came back with another request."""

    type = "idempotency-key-reused"
    title = "重复的请求标识"
    status = 422


class SecondSignatureProblem(Problem):
    """Nothing to sign, or not by this person."""

    type = "second-signature"
    title = "不能确认签名"
    status = 409


class TooMany(Problem):
    """Too many tries."""

    type = "too-many-requests"
    title = "操作过于频繁"
    status = 429


class Busy(Problem):
    """Somebody else is at it, or too many are; `RETRY_AFTER` seconds later it may go."""

    type = "busy"
    title = "系统正忙"
    status = 503

    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail}；{committed.told()}")


class CaseBusy(Busy):
    """Somebody else is working on the case, and is not done yet."""

    type = "case-busy"
    title = "案件正由他人办理"

    def __init__(self, number: str) -> None:
        super().__init__(f"案件 {number} 正由他人办理，请稍等片刻再试")
        self.number = number


class DocumentProblem(Problem):
    """A document cannot be made: template and field are named."""

    type = "document-incomplete"
    title = "文书无法生成"
    status = 409


class Misconfigured(Problem):
    """A rule, an authority or a template that the step needs is not there."""

    type = "misconfigured"
    title = "缺少配置"
    status = 409


class RuleMissing(Problem):
    """The case runs under a version that needs a rule which this release does not have."""

    type = "rule-missing"
    title = "系统版本缺少规则"
    status = 409


class NotLoggedIn(Problem):
    """Nobody is logged in, or no longer."""

    type = "not-logged-in"
    title = "未登录"
    status = 401


class LoginRefused(Problem):
    """User name and password do not match, or the account is closed: never which of them."""

    type = "login-refused"
    title = "登录失败"
    status = 401


class CodeDoubtful(Problem):
    """A party's code has a wrong check digit; an officer may let it stand with a reason."""

    type = "code-doubtful"
    title = "证件号码存疑"
    status = 422


class TooLarge(Problem):
    """More was sent than is taken."""

    type = "too-large"
    title = "内容过大"
    status = 413


def bad_field(field: str, label: str, text: str, *, law: str = "") -> BadInput:
    """What is wrong with one field of what was filled in, beside its label."""
    found = {"field": field, "label": label, "text": text}
    return BadInput(f"{label}：{text}", [found], law=law)


def no_such_case(number: str) -> NotFound:
    """What anybody is told of a case that there is not, or that is none of their business."""
    return NotFound(f"没有编号为“{number}”的案件")
