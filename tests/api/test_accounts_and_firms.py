"""Accounts that people register, the persons and firms they are bound to, and corrected firms."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import ProgrammingError

from casework.audit.parties_proof import faults_of_parties
from casework.common.problems import BadInput
from casework.duties.handing_over import deliver_notices
from casework.models import Account, Mandate, Notice, OneTimeCode, Party, PartyChange, Person
from casework.operations.channels import Inbox
from casework.people import settling
from casework.people.offices import Offices
from tests.support.front import V1, Front, refused
from tests.support.journeys import change_of, usual
from tests.support.people import empower, newcomer
from tests.support.town import Town, application

FIRM, OTHER_FIRM = "91440300708461136T", "91110000802100433B"
UNKNOWN_FIRM = "91350100M000100Y43"
PASSWORD = "long enough"
ZHOU = {
    "name": "周小琴",
    "id_kind": "id",
    "id_code": "11010519491231002X",
    "phone": "13912345678",
    "username": "zhou.xq",
    "password": PASSWORD,
}
AGENT = {
    **{key: ZHOU[key] for key in ("name", "id_kind", "id_code")},
    "capacity": "agent",
    "scope": ["file", "promise"],
    "valid_from": "2026-08-01",
    "valid_to": "2027-07-31",
}


def _register(front: Front, **changes: Any) -> Any:
    return front.post(None, "/accounts", {**ZHOU, **changes})


def _as(front: Front, username: str = "zhou.xq", password: str = PASSWORD) -> dict[str, str]:
    """The header of somebody who has just logged in."""
    answer = front.post(None, "/session", {"username": username, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def _ask(front: Front, who: dict[str, str], method: str, path: str, body: Any = None) -> Any:
    return front.client.request(method, V1 + path, headers=who, json=body)


@pytest.fixture
def zhou(front: Front) -> dict[str, str]:
    """Somebody who has registered, logged in."""
    assert _register(front).status_code == 201
    return _as(front)


def _sent(town: Town) -> Notice:
    """The latest message to a telephone."""
    with town.session() as session:
        latest = select(Notice).where(Notice.kind == "code").order_by(Notice.id.desc()).limit(1)
        return session.scalars(latest).one()


def _code(town: Town) -> str:
    found = re.search(r"验证码(\d{6})", _sent(town).body)
    assert found is not None
    return found[1]


def _other(code: str) -> str:
    """A wrong code of the same shape."""
    return f"{(int(code) + 1) % 10**6:06d}"


def _ask_firm(front: Front, who: dict[str, str], firm: str = FIRM, *scope: str) -> Any:
    return _ask(front, who, "POST", "/me/firms", {"party": firm, "scope": scope or ("file",)})


def _confirm(front: Front, who: dict[str, str], code: str) -> Any:
    return _ask(front, who, "POST", "/me/firms/confirmation", {"code": code})


def _mandate(front: Front, **changes: Any) -> int:
    answer = front.post("window", f"/parties/{FIRM}/mandates", {**AGENT, **changes})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def _bind(
    front: Front, mandate: int, code: str, username: str = "zhou.xq", by: str = "window"
) -> Any:
    return front.post(by, f"/mandates/{mandate}/account", {"username": username, "code": code})


def _shown(front: Front, who: dict[str, str]) -> str:
    answer = _ask(front, who, "POST", "/me/binding-code")
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


class TestRegistration:
    def test_an_account_is_made_and_may_act_for_nobody(self, front: Front, town: Town) -> None:
        assert _register(front).json() == {"username": "zhou.xq"}
        who = _as(front)
        assert _ask(front, who, "GET", "/me").json() == {
            "name": "周小琴",
            "posts": [],
            "parties": [],
        }
        account = _ask(front, who, "GET", "/me/account").json()
        assert account["identity"] == "居民身份证 110105********002X"
        assert account["phone"] == "139****5678"
        assert (account["verified"], account["bound_at"]) == (False, None)
        body = {"process": "instant_licence", "data": application()}
        refused(_ask(front, who, "POST", "/cases", body), 422, "bad-input")
        body["party"] = FIRM
        refused(_ask(front, who, "POST", "/cases", body), 403, "not-allowed")

    @pytest.mark.parametrize(
        ("changes", "field", "text"),
        [
            ({"name": " "}, "name", "必须填写"),
            ({"name": "长" * 101}, "name", "不超过100"),
            ({"id_code": "110105194912310021"}, "id_code", "到窗口办理"),
            ({"id_code": "1101051949123100"}, "id_code", "18位"),
            ({"id_code": "110105201512310023"}, "id_code", "未满十八周岁"),
            ({"id_kind": "passport", "id_code": "?"}, "id_code", "护照号码"),
            ({"id_kind": "badge"}, "id_code", "不支持"),
            ({"phone": "0513-81234567"}, "phone", "11位"),
            ({"phone": "139123456789"}, "phone", "11位"),
            ({"username": "X"}, "username", "小写字母"),
            ({"username": "window"}, "username", "已被使用"),
            ({"password": "short"}, "password", "至少10个"),
            ({"password": "aaaaaaaaaaaa"}, "password", "重复"),
            ({"password": "zhou.xiaoqin", "username": "zhou.xiaoqin"}, "password", "与账号相同"),
            ({"password": "xy" * 150}, "password", "200"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(
        self, quiet: Front, changes: dict[str, Any], field: str, text: str
    ) -> None:
        problem = refused(_register(quiet, **changes), 422, "bad-input")
        assert problem["errors"][0]["field"] == field
        assert text in problem["detail"]

    def test_a_foreigner_registers_with_a_passport(self, front: Front) -> None:
        answer = _register(front, name="Anna Ó", id_kind="passport", id_code="e1234 5678")
        assert answer.status_code == 201
        account = _ask(front, _as(front), "GET", "/me/account").json()
        assert account["identity"] == "护照 E1***5678"

    def test_two_who_want_one_name_at_once_get_one_account(self, front: Front, town: Town) -> None:
        with ThreadPoolExecutor(4) as pool:
            statuses = sorted(
                answer.status_code for answer in pool.map(lambda _: _register(front), range(4))
            )
        assert statuses == [201, 422, 422, 422]
        with town.session() as session:
            named = select(func.count()).select_from(Person).where(Person.name == "周小琴")
            assert session.scalar(named) == 1

    def test_registering_and_passwords_cannot_be_tried_for_ever(self, quiet: Front) -> None:
        answers = [_register(quiet, password="x").status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        wrong = {"old": "wrong", "new": PASSWORD}
        answers = [quiet.post("applicant", "/me/password", wrong).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        firm = {"party": UNKNOWN_FIRM, "scope": ["file"]}
        answers = [quiet.post("applicant", "/me/firms", firm).status_code for _ in range(21)]
        assert answers == [422] * 20 + [429]

    def test_an_account_of_a_stranger_is_given_no_post_by_the_offices_file(
        self, front: Front, town: Town
    ) -> None:
        _register(front)
        person = {"account": "zhou.xq", "name": "周小琴"}
        with town.session() as session, pytest.raises(BadInput, match="自行注册"):
            settling.settle(session, Offices.model_validate({"person": [person]}), date(2026, 9, 1))


class TestPassword:
    def test_changing_it_ends_the_other_log_ins(self, front: Front, zhou: dict[str, str]) -> None:
        elsewhere = _as(front)
        change = {"old": PASSWORD, "new": "another one entirely"}
        assert _ask(front, zhou, "POST", "/me/password", change).status_code == 204
        assert _ask(front, zhou, "GET", "/me").status_code == 200
        refused(_ask(front, elsewhere, "GET", "/me"), 401, "not-logged-in")
        refused(
            front.post(None, "/session", {"username": "zhou.xq", "password": PASSWORD}),
            401,
            "login-refused",
        )
        _as(front, password="another one entirely")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"old": "wrong", "new": "another one entirely"}, "old"),
            ({"old": PASSWORD, "new": PASSWORD}, "password"),
            ({"old": PASSWORD, "new": "short"}, "password"),
        ],
    )
    def test_a_wrong_change_changes_nothing(
        self, front: Front, zhou: dict[str, str], change: dict[str, str], field: str
    ) -> None:
        elsewhere = _as(front)
        problem = refused(_ask(front, zhou, "POST", "/me/password", change), 422, "bad-input")
        assert problem["errors"][0]["field"] == field
        assert _ask(front, elsewhere, "GET", "/me").status_code == 200
        _as(front)


class TestCounter:
    def test_a_stranger_with_the_same_papers_on_paper_takes_nothing_over(
        self, front: Front, town: Town
    ) -> None:
        _mandate(front)
        _register(front)
        who = _as(front)
        assert _ask(front, who, "GET", "/me").json()["parties"] == []
        assert _ask(front, who, "GET", "/me/firms").json() == []
        with town.session() as session:
            assert len(session.scalars(select(Person).where(Person.name == "周小琴")).all()) == 2

    def test_the_clerk_who_has_seen_the_document_binds_the_account(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        mandate = _mandate(front)
        bound = _bind(front, mandate, _shown(front, zhou))
        assert bound.status_code == 200, bound.text
        assert [p["code"] for p in _ask(front, zhou, "GET", "/me").json()["parties"]] == [FIRM]
        account = _ask(front, zhou, "GET", "/me/account").json()
        assert account["verified"]
        assert account["bound_at"].startswith("2026-09-01")
        with town.session() as session:
            kept = session.scalars(select(Account).where(Account.username == "zhou.xq")).one()
            mandated = session.get_one(Mandate, mandate)
            assert kept.person_id == mandated.person_id
            assert kept.bound_by == town.people["window"].person_id
        body = {"process": "instant_licence", "data": application()}
        number = _ask(front, zhou, "POST", "/cases", body).json()["number"]
        assert _ask(front, zhou, "GET", f"/cases/{number}").status_code == 200
        problem = refused(_ask(front, zhou, "POST", "/me/binding-code"), 422, "bad-input")
        assert "已经核验" in problem["detail"]

    @pytest.mark.slow
    def test_what_a_firm_let_the_account_do_goes_along(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou, OTHER_FIRM)
        assert _confirm(front, zhou, _code(town)).status_code == 201
        assert _bind(front, _mandate(front), _shown(front, zhou)).status_code == 200
        firms = _ask(front, zhou, "GET", "/me/firms").json()
        assert {firm["code"] for firm in firms} == {FIRM, OTHER_FIRM}
        assert all(firm["mine"][0]["holds"] for firm in firms)

    def test_a_wrong_code_is_counted_and_five_are_the_end_of_it(
        self, front: Front, zhou: dict[str, str]
    ) -> None:
        mandate, code = _mandate(front), _shown(front, zhou)
        for left in (4, 3, 2, 1):
            problem = refused(_bind(front, mandate, _other(code)), 422, "bad-input")
            assert f"还可以再试{left}次" in problem["detail"]
        assert "作废" in refused(_bind(front, mandate, _other(code)), 422, "bad-input")["detail"]
        assert "作废" in refused(_bind(front, mandate, code), 422, "bad-input")["detail"]
        assert _bind(front, mandate, _shown(front, zhou)).status_code == 200

    def test_a_code_lapses(self, front: Front, town: Town, zhou: dict[str, str]) -> None:
        mandate, code = _mandate(front), _shown(front, zhou)
        town.time.pass_(minutes=10)
        assert "有效时间" in refused(_bind(front, mandate, code), 422, "bad-input")["detail"]

    def test_an_account_of_other_papers_is_not_bound(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        for n, changes in enumerate(
            ({"name": "周大琴"}, {"id_kind": "passport", "id_code": "E123456"})
        ):
            username = f"someone{n}"
            _register(front, username=username, **changes)
            code = _shown(front, _as(front, username))
            problem = refused(_bind(front, mandate, code, username), 422, "bad-input")
            assert "不一致" in problem["detail"]

    def test_who_may_be_bound_by_whom(self, front: Front, town: Town, zhou: dict[str, str]) -> None:
        mandate, code = _mandate(front), _shown(front, zhou)
        for who in ("reviewer", "applicant"):
            refused(_bind(front, mandate, code, by=who), 403, "not-allowed")
        assert (
            "没有这个账号"
            in refused(_bind(front, mandate, code, "nobody"), 422, "bad-input")["detail"]
        )
        refused(_bind(front, 10**9, code), 404, "not-found")
        refused(_bind(front, mandate, code, "reviewer"), 403, "not-allowed")
        refused(_bind(front, mandate, code, "window"), 403, "not-allowed")
        refused(front.post("window", "/me/binding-code"), 403, "not-allowed")
        with town.session() as session:
            unseen = session.scalars(select(Mandate.id).order_by(Mandate.id).limit(1)).one()
        problem = refused(_bind(front, unseen, code), 422, "bad-input")
        assert "没有核对身份证件" in problem["detail"]
        assert _bind(front, mandate, code).status_code == 200
        assert "已经绑定" in refused(_bind(front, mandate, code), 422, "bad-input")["detail"]
        other = _mandate(front, name="吴凡", id_kind="passport", id_code="E12345678")
        assert "其他人" in refused(_bind(front, other, code), 422, "bad-input")["detail"]

    def test_an_account_of_old_is_bound_by_its_name(self, front: Front, town: Town) -> None:
        with town.session() as session:
            session.execute(
                update(Person)
                .where(Person.id == town.people[newcomer(town, "old")].person_id)
                .values(name="周小琴")
            )
        code = front.post("old", "/me/binding-code").json()["code"]
        assert _bind(front, _mandate(front), code, "old").status_code == 200


@pytest.mark.slow
class TestFirm:
    def test_the_contact_lets_somebody_act_for_the_firm(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        answer = _ask_firm(front, zhou, FIRM, "file", "receive")
        assert answer.status_code == 202
        assert answer.json()["sent_to"] == "138****0001"
        assert set(answer.json()) == {"party", "sent_to", "expires_at"}
        message = _sent(town)
        assert message.to_phone == "13800000001"
        for told in (
            "周小琴",
            "002X",
            "南通滨江宾馆有限公司",
            "代为申请",
            "2027年9月1日",
            "10分钟",
        ):
            assert told in message.body
        made = _confirm(front, zhou, _code(town))
        assert made.status_code == 201
        assert made.json()["scope"] == ["代为申请、办理", "代为领取文书"]
        assert (made.json()["valid_from"], made.json()["valid_to"]) == ("2026-09-01", "2027-09-01")
        body = {"process": "instant_licence", "data": application()}
        assert _ask(front, zhou, "POST", "/cases", body).status_code == 201
        [view] = front.get("window", f"/parties/{FIRM}/mandates").json()[-1:]
        assert (view["name"], view["registered"]) == ("周小琴", "单位联系人凭验证码确认")
        town.time.go_to(date(2027, 9, 2))
        assert _ask(front, _as(front), "GET", "/me").json()["parties"] == []

    def test_a_code_is_kept_as_a_hash_and_gone_from_the_outbox_once_sent(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        code = _code(town)
        with town.session() as session:
            kept = session.scalars(select(OneTimeCode)).one()
            assert code not in kept.code_hash
        assert deliver_notices(town.office, Inbox()).done == ["验证码"]
        assert code not in _sent(town).body
        assert front.get("applicant", "/notices").json() == []
        assert _confirm(front, zhou, code).status_code == 201

    def test_a_code_is_good_once_for_whoever_asked_in_time(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        code = _code(town)
        _register(front, username="other")
        other = _as(front, "other")
        assert "没有获取" in refused(_confirm(front, other, code), 422, "bad-input")["detail"]
        with ThreadPoolExecutor(4) as pool:
            tried = pool.map(lambda _: _confirm(front, zhou, code).status_code, range(4))
            assert sorted(tried) == [201, 422, 422, 422]
        with town.session() as session:
            made = (
                select(func.count()).select_from(Mandate).where(Mandate.registered_at.is_not(None))
            )
            assert session.scalar(made) == 1
        [firm] = _ask(front, zhou, "GET", "/me/firms").json()
        _ask(front, zhou, "POST", f"/mandates/{firm['mine'][0]['id']}/end", {"reason": "不再代理"})
        assert "已经使用" in refused(_confirm(front, zhou, code), 422, "bad-input")["detail"]
        _ask_firm(front, other)
        code = _code(town)
        town.time.pass_(minutes=10)
        assert "有效时间" in refused(_confirm(front, other, code), 422, "bad-input")["detail"]

    def test_a_later_code_ends_the_one_before(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        first = _code(town)
        _ask_firm(front, zhou, OTHER_FIRM)
        second = _code(town)
        if first != second:
            refused(_confirm(front, zhou, first), 422, "bad-input")
        assert _confirm(front, zhou, second).json()["party"] == OTHER_FIRM

    def test_wrong_codes_are_counted_even_at_once(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        code = _code(town)
        with ThreadPoolExecutor(4) as pool:
            for answer in pool.map(lambda _: _confirm(front, zhou, _other(code)), range(5)):
                refused(answer, 422, "bad-input")
        assert "作废" in refused(_confirm(front, zhou, code), 422, "bad-input")["detail"]
        assert _ask(front, zhou, "GET", "/me").json()["parties"] == []

    def test_a_firm_is_asked_three_times_an_hour_at_most(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        with ThreadPoolExecutor(4) as pool:
            firms = (FIRM, OTHER_FIRM, FIRM, OTHER_FIRM, FIRM)
            tried = pool.map(lambda firm: _ask_firm(front, zhou, firm).status_code, firms)
            assert sorted(tried) == [202, 202, 202, 429, 429]
        town.time.pass_(minutes=61)
        for _ in range(3):
            assert _ask_firm(front, zhou).status_code == 202
        refused(_ask_firm(front, zhou, OTHER_FIRM), 429, "too-many-requests")
        _register(front, username="other")
        refused(_ask_firm(front, _as(front, "other")), 429, "too-many-requests")
        town.time.pass_(minutes=61)
        assert _ask_firm(front, _as(front)).status_code == 202

    def test_a_firm_is_asked_no_oftener_by_many(self, front: Front) -> None:
        many = []
        for n in range(5):
            _register(front, username=f"one{n}")
            many.append(_as(front, f"one{n}"))
        with ThreadPoolExecutor(5) as pool:
            tried = pool.map(lambda who: _ask_firm(front, who).status_code, many)
            assert sorted(tried) == [202, 202, 202, 429, 429]

    def test_an_unknown_an_ended_and_an_unreachable_firm_are_told_alike(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        told = {refused(_ask_firm(front, zhou, UNKNOWN_FIRM), 422, "bad-input")["detail"]}
        for changes in ({"phone": "0513-80000000"}, {"dissolved_on": date(2026, 8, 1)}):
            with town.session() as session:
                session.execute(update(Party).where(Party.code == FIRM).values(**changes))
            told.add(refused(_ask_firm(front, zhou), 422, "bad-input")["detail"])
        assert len(told) == 1
        assert "到窗口办理" in told.pop()
        with town.session() as session:
            assert session.scalar(select(func.count()).select_from(Notice)) == 0

    def test_a_firm_that_ends_meanwhile(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        front.correct(FIRM, _said(dissolved_on="2026-09-01"))
        refused(_confirm(front, zhou, _code(town)), 422, "bad-input")

    @pytest.mark.parametrize(
        ("firm", "scope", "field"),
        [
            (FIRM, ["sell"], "scope"),
            ("9135010", ["file"], "party"),
            ("91350100M000100Y44", ["file"], "party"),
        ],
    )
    def test_what_cannot_be_asked(
        self, quiet: Front, firm: str, scope: list[str], field: str
    ) -> None:
        body = {"party": firm, "scope": scope}
        problem = refused(quiet.post("applicant", "/me/firms", body), 422, "bad-input")
        assert problem["errors"][0]["field"] == field

    def test_whoever_acts_already_and_whoever_may_not(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        body = {"party": FIRM, "scope": ["file"]}
        problem = refused(front.post("applicant", "/me/firms", body), 422, "bad-input")
        assert "已经可以代表" in problem["detail"]
        refused(front.post("inspector1", "/me/firms", body), 403, "not-allowed")
        _ask_firm(front, zhou)
        _confirm(front, zhou, _code(town))
        refused(_ask_firm(front, zhou), 422, "bad-input")
        assert _ask_firm(front, zhou, FIRM, "file", "promise").status_code == 202


class TestMyFirms:
    def test_each_sees_the_own_firms_and_others_masked(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        _ask_firm(front, zhou)
        mandate = _confirm(front, zhou, _code(town)).json()["id"]
        [firm] = _ask(front, zhou, "GET", "/me/firms").json()
        assert (firm["code"], firm["may_file"], firm["represented"]) == (FIRM, True, False)
        assert firm["mine"][0]["id"] == mandate
        assert [one["name"] for one in firm["others"]] == ["陈**"]
        [firm] = front.get("applicant", "/me/firms").json()
        assert firm["represented"]
        assert [(one["name"], one["identity"]) for one in firm["others"]] == [("周**", "")]

    def test_an_agent_gives_up_and_a_representative_takes_back(
        self, front: Front, town: Town, zhou: dict[str, str]
    ) -> None:
        reason = {"reason": "不再代理"}
        for by in ("agent", "representative"):
            _ask_firm(front, zhou)
            mandate = _confirm(front, zhou, _code(town)).json()["id"]
            path = f"/mandates/{mandate}/end"
            refused(front.post("applicant2", path, reason), 404, "not-found")
            answer = (
                _ask(front, zhou, "POST", path, reason)
                if by == "agent"
                else front.post("applicant", path, reason)
            )
            assert answer.status_code == 204
            [firm] = _ask(front, zhou, "GET", "/me/firms").json()
            assert not firm["mine"][0]["holds"]
            assert firm["others"] == []
            assert _ask(front, zhou, "GET", "/me").json()["parties"] == []

    def test_of_several_firms_one_is_chosen(self, front: Front, town: Town) -> None:
        empower(town, "applicant", OTHER_FIRM, "agent", ["file"])
        empower(town, "applicant2", FIRM, "agent", ["receive"])
        firms = front.get("applicant2", "/me/firms").json()
        assert [firm["may_file"] for firm in firms] == [False, True]
        assert len(front.get("applicant", "/me/firms").json()) == 2
        body = {"process": "instant_licence", "data": application()}
        refused(front.post("applicant", "/cases", body), 422, "bad-input")
        number = front.post("applicant", "/cases", {**body, "party": OTHER_FIRM}).json()["number"]
        case = front.get("applicant", f"/cases/{number}").json()
        assert case["party"]["code"] == OTHER_FIRM


def _said(**changes: Any) -> dict[str, Any]:
    """The entry of the first firm, corrected."""
    return {
        "name": "南通滨江宾馆有限公司",
        "representative": "陈志远",
        "address": "南通市崇川区人民中路88号",
        "phone": "13800000001",
        "reason": "营业执照变更",
        "effective_on": "2026-08-20",
        **changes,
    }


@pytest.mark.slow
class TestCorrection:
    def test_the_entry_changes_and_what_stood_there_is_kept(self, front: Front) -> None:
        path = f"/parties/{FIRM}/corrections"
        first = front.correct(FIRM, _said(name="南通江海宾馆有限公司"))
        assert first.status_code == 201, first.text
        assert first.json()["name"] == "南通江海宾馆有限公司"
        renamed = {"name": "南通江海宾馆有限公司", "phone": "13800000009"}
        front.correct(FIRM, _said(**renamed, effective_on="2026-08-21"))
        [later, earlier] = front.get("window", path).json()
        assert earlier["changes"] == [
            {
                "label": "名称（姓名）",
                "before": "南通滨江宾馆有限公司",
                "after": "南通江海宾馆有限公司",
            }
        ]
        assert (earlier["effective_on"], earlier["recorded_by"]) == ("2026-08-20", "甲window")
        assert [one["label"] for one in later["changes"]] == ["联系电话"]
        problem = refused(
            front.post("window", path, _said(effective_on="2026-08-20")), 422, "bad-input"
        )
        assert problem["errors"][0]["field"] == "effective_on"

    def test_a_new_name_then_stands_in_the_licence(self, front: Front, town: Town) -> None:
        granted = town.granted(place_name="南通滨江宾馆有限公司")
        new = "南通江海宾馆有限公司"
        asked = {"kind": "变更单位名称", "place_name": new, "reason": "更名"}
        number = change_of(town, granted, **asked)
        town.take(number, "submit", "applicant")
        promised = (("inform", "window"), ("study", "applicant"), ("commit", "applicant"))
        for step, who in (("accept", "window"), *promised):
            town.take(number, step, who, usual("licence_change", step))
        problem = refused(front.step("approver", number, "grant"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "name_differs"
        front.correct(FIRM, _said(name=new))
        assert front.step("approver", number, "grant").status_code == 200
        assert town.licence_of(granted)["place_name"] == new

    def test_a_new_representative_ends_the_mandate_of_the_one_before(self, front: Front) -> None:
        agent = _mandate(front)
        front.correct(FIRM, _said(representative="沈雅琴"))
        assert front.get("applicant", "/me").json()["parties"] == []
        views = {one["id"]: one for one in front.get("window", f"/parties/{FIRM}/mandates").json()}
        assert views.pop(agent)["holds"]
        [before] = views.values()
        assert before["ended_because"] == "法定代表人（负责人）变更"

    def test_whoever_brings_a_mandate_back_that_ended_or_changes_an_entry_is_found(
        self, front: Front, town: Town
    ) -> None:
        agent = _mandate(front)
        front.correct(FIRM, _said(representative="沈雅琴"))
        ended = front.post("window", f"/mandates/{agent}/end", {"reason": "解除委托"})
        assert ended.status_code == 204
        for change in (
            update(Mandate).where(Mandate.id == agent).values(valid_to=date(2030, 1, 1)),
            update(Mandate).where(Mandate.id != agent).values(ended_because=None),
            update(Party).where(Party.code == FIRM).values(representative="陈志远"),
        ):
            with town.session() as session:
                assert faults_of_parties(session) == []
                session.execute(change)
                assert [fault.case for fault in faults_of_parties(session)] == ["当事人登记"]
                session.rollback()

    def test_what_was_corrected_does_not_tell_of_mandates(self, front: Front) -> None:
        """They are in the history of the party, and hold no day of a correction."""
        agent = _mandate(front)
        front.post("window", f"/mandates/{agent}/end", {"reason": "解除委托"})
        front.correct(FIRM, _said(name="别的"))
        [told] = front.get("window", f"/parties/{FIRM}/corrections").json()
        assert [one["after"] for one in told["changes"]] == ["别的"]

    def test_a_firm_that_has_ended_is_acted_for_by_nobody(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        front.correct(FIRM, _said(dissolved_on="2026-08-20"))
        assert not any(
            one["holds"] for one in front.get("window", f"/parties/{FIRM}/mandates").json()
        )
        answer = front.post("window", f"/parties/{FIRM}/mandates", AGENT)
        assert refused(answer, 422, "bad-input")["law"]
        empower(town, "applicant", FIRM)
        body = {"process": "instant_licence", "data": application(), "mandate": mandate}
        refused(front.post("window", "/cases", body), 403, "not-allowed")
        body = {"process": "instant_licence", "data": application()}
        problem = refused(front.post("applicant", "/cases", body), 403, "not-allowed")
        assert "注销" in problem["detail"]
        assert front.get("window", f"/parties/{FIRM}").json()["dissolved_on"] == "2026-08-20"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({}, "name"),
            ({"name": " "}, "name"),
            ({"phone": "call me"}, "phone"),
            ({"reason": " ", "name": "别的"}, "reason"),
            ({"effective_on": "2026-09-02", "name": "别的"}, "effective_on"),
            ({"dissolved_on": "2026-09-02"}, "dissolved_on"),
        ],
    )
    def test_what_cannot_be_corrected(
        self, quiet: Front, changes: dict[str, Any], field: str
    ) -> None:
        answer = quiet.post("window", f"/parties/{FIRM}/corrections", _said(**changes))
        assert refused(answer, 422, "bad-input")["errors"][0]["field"] == field

    def test_only_a_clerk_without_a_share_in_it(self, front: Front, town: Town) -> None:
        path = f"/parties/{FIRM}/corrections"
        for who in ("reviewer", "applicant"):
            refused(front.post(who, path, _said(name="别的")), 403, "not-allowed")
            refused(front.get(who, path), 403, "not-allowed")
        unknown = f"/parties/{UNKNOWN_FIRM}/corrections"
        refused(front.post("window", unknown, _said(name="别的")), 404, "not-found")
        refused(front.get("window", unknown), 404, "not-found")
        empower(town, "window", FIRM, "agent", ["file"])
        refused(front.post("window", path, _said(name="别的")), 403, "not-allowed")

    def test_the_history_can_only_be_added_to(self, front: Front, town: Town) -> None:
        front.correct(FIRM, _said(name="别的"))
        with pytest.raises(ProgrammingError, match="permission denied"), town.session() as session:
            session.execute(update(PartyChange).values(reason="改过"))
