"""The question bank as shipped (信用培训题库)."""

from __future__ import annotations

import re

from rulebook.models import Quiz, parse_as
from rulebook.shipped import shipped_editions

BANK = next(
    parse_as(Quiz, e.content)
    for e in shipped_editions()
    if (e.kind, e.key) == ("quiz", "credit_training")
)
_ARTICLE = re.compile(r"《.+》第[一二三四五六七八九十百]+条|国办发〔\d{4}〕\d+号")


def test_there_are_enough_of_them() -> None:
    assert len(BANK.questions) >= 80
    assert BANK.asked == 20


def test_each_cites_its_article_and_says_why() -> None:
    for question in BANK.questions:
        assert _ARTICLE.search(question.law), question.key
        assert len(question.why) >= 10, question.key


def test_none_is_doubled_and_no_option_either() -> None:
    assert len({question.text for question in BANK.questions}) == len(BANK.questions)
    for question in BANK.questions:
        assert len(set(question.options)) == len(question.options) >= 3, question.key


def test_the_right_answer_stands_in_no_place_of_its_own() -> None:
    places = [question.answer for question in BANK.questions]
    assert all(places.count(n) > len(places) / 5 for n in range(3))
