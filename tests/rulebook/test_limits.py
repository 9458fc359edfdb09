"""The figures of the law, stated a second time: a slip in the data file shows here."""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.models import Edition, Limit, in_words, parse_as
from rulebook.shipped import shipped_editions
from tools.expectations import expected_processes

EDITIONS = [edition for edition in shipped_editions() if edition.kind == "limit"]

# key, n, unit, mark, a word of the law, for the nation: what holds now, or is to hold.
FIGURES = """
licensing.acceptance 5 wd S 许可法》第三十二条
licensing.supplement_answer 30 cd U 本机关规定
licensing.decision 20 wd S 许可法》第四十二条
licensing.decision_extension 10 wd S 许可法》第四十二条
licensing.joint_decision 45 wd S 许可法》第四十二条
licensing.joint_decision_extension 15 wd S 许可法》第四十二条
licensing.technical_review 180 cd U 许可法》第四十五条
licensing.delivery 10 wd S 许可法》第四十四条
licensing.instant_promise 60 min U 国发〔2021〕7号
licensing.deferral 15 wd U 容缺受理清单
licensing.deferral_again 5 wd U 容缺受理清单
licensing.ready_within 6 month U 国发〔2021〕7号
filing.handling 3 wd U 本机关服务承诺
licensing.hearing_request 5 wd L 许可法》第四十七条
licensing.hearing_hold 20 wd S 许可法》第四十七条
licensing.hearing_notice 7 wd S 许可法》第四十八条
licensing.bar_false_material 1 year S 许可法》第七十八条
licensing.bar_fraud 3 year S 许可法》第七十九条
filing.record 30 cd S 第797号
licence.validity 4 year S 实施细则
licence.expiring_notice 90 cd U 本机关规定
licence.renewal_window 30 cd L 许可法》第五十条
check.first 60 cd U 国办发〔2020〕42号
check.finding 7 wd U 本机关规定
check.rectification 30 cd U 国办发〔2020〕42号
check.defence 5 wd U 许可法》第七条
prior_notice.defence 5 wd U 许可法》第七条
check.legal_review 5 wd U 国办发〔2018〕118号
check.revocation_decision 20 wd U 许可法》第四十二条
check.deregistration 20 wd U 许可法》第七十条
radiation.decision 20 wd S 条例》第九条
radiation.validity 5 year S 条例》第十三条
radiation.renewal_window 30 cd S 条例》第十三条
radiation.change 20 cd S 条例》第十一条
radiation.unverified 1 year L 规定》第十八条
radiation.verification 3 year L 医疗机构管理条例》第二十一条
radiation.late_report 30 cd U 本机关规定
one_matter.promise 5 wd U 本机关服务承诺
one_matter.precheck 1 wd U 本机关“一件事”办理规定
one_matter.review 3 wd U 本机关“一件事”办理规定
one_matter.hold 3 month U 本机关“一件事”办理规定
penalty.limitation 2 year S 处罚法》第三十六条
penalty.limitation_grave 5 year S 处罚法》第三十六条
penalty.suspension 90 cd U 处罚法》第六十条
penalty.filing 7 wd U 第13号
penalty.evidence_preservation 7 wd S 处罚法》第五十六条
penalty.defence 5 wd U 处罚法》第四十四条
penalty.hearing_request 5 wd S 处罚法》第六十四条
penalty.hearing_notice 7 wd S 处罚法》第六十四条
penalty.hearing_hold 20 wd U 许可法》第四十七条
penalty.legal_review 5 wd U 处罚法》第五十八条
penalty.panel 10 wd U 处罚法》第五十七条
penalty.decision 90 cd S 处罚法》第六十条
penalty.payment 15 cd S 处罚法》第六十七条
penalty.decision_extension 30 cd U 处罚法》第六十条
penalty.spot 2 wd U 处罚法》第五十二条
penalty.deferral_longest 12 month U 处罚法》第六十六条
penalty.urging 10 wd U 强制法》第五十四条
penalty.execution 6 month U 本机关
penalty.justice_transfer 1440 min S 第310号）第五条
penalty.closing 15 wd U 程序规定
penalty.archiving 30 cd U 文书规范
coercion.after_urging 10 wd S 强制法》第五十四条
coercion.court_application 3 month S 强制法》第五十三条
coercion.suspension 3 year S 强制法》第三十九条
coercion.seizure 30 cd S 强制法》第二十五条
coercion.seizure_extension 30 cd S 强制法》第二十五条
coercion.urgent_report 1440 min S 强制法》第十九条
coercion.test 90 cd U 强制法》第二十五条
custody.approval 1 wd U 处罚法》第五十六条
custody.carrying_out 2 wd U 本机关规定
custody.giving_back 3 wd U 强制法》第二十八条
late_entry.away 3 wd U 国办发〔2018〕118号
late_entry.service 15 cd U 处罚法》第六十七条
backfill.outage 10 wd U 国办发〔2018〕118号
backfill.paper 60 wd U 国办发〔2018〕118号
service.decision 7 wd S 处罚法》第六十一条
service.announcement 30 cd S 民事诉讼法》第九十五条
execution.urging 10 wd S 强制法》第五十四条
execution.court_application 3 month S 强制法》第五十三条
remedy.reconsideration 60 cd S 复议法》第二十条
remedy.reconsideration_untold 1 year S 复议法》第二十条
remedy.litigation 6 month S 行政诉讼法》第四十六条
remedy.litigation_after_reconsideration 15 cd S 行政诉讼法》第四十五条
remedy.appeal 15 cd S 行政诉讼法》第八十五条
remedy.appeal_ruling 10 cd S 行政诉讼法》第八十五条
remedy.litigation_untold 1 year S 第六十四条
publicity.double 7 wd S 国办发〔2018〕118号
publicity.inspection 20 wd S 国办发〔2018〕118号
publicity.withdrawal 3 wd S 处罚法》第四十八条
credit.objection 3 wd S 第三十九条
credit.objection_with_others 7 wd S 第三十九条
credit.talk_invitation 5 wd U 本机关信用评价规定
credit.talk_improvement 30 cd U 本机关信用评价规定
exemption.lookback 24 month U 处罚法》第三十三条
exemption.correction 30 cd U 处罚法》第二十八条
exemption.closing 15 wd U 本机关规定
exemption.education 7 wd U 处罚法》第三十三条
exemption.revisit 3 month U 本机关规定
repair.minimum.minor 1 cd U 第36号
repair.minimum.general 3 month S 第36号
repair.minimum.serious 1 year S 第36号
repair.minimum.promise 3 month U 国办发〔2020〕42号
repair.minimum.false_material 1 year U 第36号
repair.publicity.minor 3 month S 第36号
repair.publicity.general 1 year S 第36号
repair.publicity.serious 3 year S 第58号
repair.publicity.promise 3 year U 国办发〔2020〕42号
repair.publicity.false_material 3 year L 第36号
repair.commitment 30 cd U 本机关信用修复规定
repair.learning 90 cd U 本机关信用修复规定
repair.verification 10 wd U 本机关信用修复规定
repair.decision 7 wd U 国办发〔2025〕22号
repair.removal 7 wd U 国办发〔2025〕22号
national.acceptance 3 wd U 国办发〔2025〕22号
national.result 7 wd U 国办发〔2025〕22号
national.extension 10 wd U 国办发〔2025〕22号
training.exam 60 min U 本机关信用培训规定
training.certificate 1 year U 本机关信用培训规定
grading.inspection 30 wd U 实施细则》第二十九条
grading.decision 10 wd U 实施细则》第三十条
succession.former_heard 3 wd U 民法典》第五十七条
succession.decision 5 wd U 登记管理条例》第二十四条
""".strip().splitlines()
# The same for one place: key, scope, n, unit, mark, a word of the law.
LOCAL = """
check.first 320000 1 month U 江苏省
check.first 430000 60 cd U 湖南省
check.first 500000 2 month U 重庆市
""".strip().splitlines()

# And those that one process alone has.
FIGURES += [figure for one in expected_processes().values() for figure in one.limits]

# Terms of validity, bars, limitation and custody end when they end; the rest rolls.
NEVER_ROLL = {
    "licensing.bar_false_material",
    "licensing.bar_fraud",
    "licensing.ready_within",
    "licence.validity",
    "licence.expiring_notice",
    "licence.renewal_window",
    "radiation.validity",
    "radiation.renewal_window",
    "radiation.unverified",
    "radiation.verification",
    "penalty.limitation",
    "penalty.limitation_grave",
    "exemption.lookback",
    "coercion.suspension",
    "coercion.seizure",
    "coercion.seizure_extension",
    # How many days may come together: they are added up, and end on no day of their own.
    "coercion.test",
    "licensing.technical_review",
    "repair.minimum.minor",
    "repair.minimum.general",
    "repair.minimum.serious",
    "repair.minimum.promise",
    "repair.minimum.false_material",
    "repair.publicity.minor",
    "repair.publicity.general",
    "repair.publicity.serious",
    "repair.publicity.promise",
    "repair.publicity.false_material",
    "training.certificate",
}
# Terms of validity whose first day counts; those of one process alone stand in its file.
INCLUSIVE = {"licence.validity", "radiation.validity"}
OWN_TERMS = {term for one in expected_processes().values() for term in one.terms}


def latest(key: str, scope: str | None) -> Edition:
    of_key = (e for e in EDITIONS if (e.key, e.scope) == (key, scope))
    return max(of_key, key=lambda edition: edition.valid_from)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.split()[0])
def test_figure(figure: str) -> None:
    key, n, unit, mark, law = figure.split()
    limit = parse_as(Limit, latest(key, None).content)
    assert (str(limit.n), limit.unit, limit.mark) == (n, unit, mark)
    assert law in limit.law


def test_no_figure_is_missing_here() -> None:
    assert {e.key for e in EDITIONS} == {figure.split()[0] for figure in FIGURES}


def test_what_never_rolls() -> None:
    limits = [parse_as(Limit, e.content) for e in EDITIONS]
    assert {limit.key for limit in limits if not limit.roll} == NEVER_ROLL | OWN_TERMS
    assert {limit.key for limit in limits if limit.inclusive} == INCLUSIVE | OWN_TERMS


@pytest.mark.parametrize("figure", LOCAL)
def test_local_figure(figure: str) -> None:
    key, scope, n, unit, mark, law = figure.split()
    limit = parse_as(Limit, latest(key, scope).content)
    assert (str(limit.n), limit.unit, limit.mark) == (n, unit, mark)
    assert law in limit.law


def test_no_local_figure_is_missing_here() -> None:
    of_places = {(e.key, e.scope) for e in EDITIONS if e.scope is not None}
    assert of_places == {tuple(figure.split()[:2]) for figure in LOCAL}


def test_known_on_the_days_cases_are_opened() -> None:
    known = {e.key for e in EDITIONS if e.valid_from <= date(2025, 6, 1) and e.scope is None}
    assert known == {e.key for e in EDITIONS}


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "〇日"),
        (5, "五日"),
        (10, "十日"),
        (15, "十五日"),
        (20, "二十日"),
        (45, "四十五日"),
        (100, "一百日"),
        (105, "一百〇五日"),
        (110, "一百一十日"),
        (365, "三百六十五日"),
        (1005, "一千〇五日"),
        (1050, "一千〇五十日"),
    ],
)
def test_in_words(n: int, words: str) -> None:
    assert in_words(n, "cd") == words
