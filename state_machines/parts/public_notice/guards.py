"""A public notice (公示): comments come while it runs, and nothing is recorded before it has run,
before each comment is answered, or of a text that was not made public."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.public_notice.facts import (
    AnswersGiven,
    AnswerTime,
    NoticeTime,
    OpenComments,
    PublicText,
)


@guard()
def notice_takes_comments(time: NoticeTime) -> Refusal | None:
    """A comment is made within the notice, on whatever day it is entered."""
    if time.begun and not time.over:
        return None
    if time.since is None or time.until is None:
        return Refusal("outside_notice", "还没有公示，不能提出意见", time.law)
    return Refusal(
        "outside_notice",
        f"意见应在公示期（{time.since:%Y-%m-%d}至{time.until:%Y-%m-%d}）内提出",
        time.law,
    )


@guard()
def notice_has_run(time: NoticeTime) -> Refusal | None:
    """Everybody may comment until the notice has run."""
    if time.over or time.until is None:
        return None
    return Refusal("notice_runs", f"公示期至{time.until:%Y-%m-%d}，届满后方可备案", time.law)


@guard()
def comments_are_answered(comments: OpenComments) -> Refusal | None:
    """Whoever asked for the notice answers each comment, whether it follows it or not."""
    if not comments.number:
        return None
    return Refusal(
        "comments_open",
        f"公示期内收到的意见还有{comments.number}条没有答复，请申请人逐条答复",
        comments.law,
    )


@guard()
def answers_are_overdue(time: AnswerTime) -> Refusal | None:
    """What is on notice is returned only for comments that were not answered in time."""
    if not time.on_notice or (time.open and time.over):
        return None
    if not time.open:
        text = "没有等待答复的公示意见，不能退回；公示期满的，请办理备案"
        return Refusal("comments_answered", text, time.law)
    until = f"{time.until:%Y-%m-%d}" if time.until else "公示后"
    return Refusal(
        "answers_not_due",
        f"还有{time.open}条公示意见没有答复，答复期限至{until}，期满仍不答复的方可退回",
        time.law,
    )


@guard(needs_input=True)
def answers_are_of_comments(given: AnswersGiven) -> Refusal | None:
    """An answer is to a comment that was made and waits for one."""
    if not given.unknown:
        return None
    return Refusal(
        "no_such_comment",
        f"没有等待答复的这条意见：{given.unknown[0][:40]}",
        given.law,
    )


@guard()
def text_is_new(text: PublicText) -> Refusal | None:
    """Whoever changes what was made public hands the changed text in first."""
    if text.changed:
        return None
    return Refusal("text_unchanged", f"请先上传修改后的“{text.label}”，再提交", text.law)


@guard()
def text_was_made_public(text: PublicText) -> Refusal | None:
    """What is recorded is the text that everybody could read."""
    if not text.changed:
        return None
    return Refusal(
        "text_changed",
        f"公示开始后又提交了“{text.label}”，与公示的文本不一致，请申请人办理“修改后重新公示”",
        text.law,
    )
