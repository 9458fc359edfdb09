"""The administrator's pages: posts, certificates and delegations, read as they are served."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from casework.models import AdminEntry, Authority, Delegation, Post
from state_machines.language.vocabulary import Role
from tests.support.people import newcomer, set_post
from tests.support.town import START, Town
from tests.support.visitor import Visitor, open_door

pytestmark = pytest.mark.slow
HOME = "/administration"
INSPECTOR = {
    "account": "inspector9",
    "role": "inspector",
    "valid_from": START.date().isoformat(),
    "certificate": "苏卫执32000009",
    "certificate_expires": "2030-12-31",
    "ground": "崇卫任〔2026〕3号",
}


@pytest.fixture
def admin(town: Town, door: FastAPI) -> Visitor:
    """The administrator, logged in."""
    newcomer(town, "inspector9")
    found = Visitor(door)
    assert found.enter("admin").status_code == 303
    return found


def _kinds(town: Town) -> list[str]:
    with town.session() as session:
        return [row.said["kind"] for row in session.scalars(select(AdminEntry))]


def _confirm(admin: Visitor, path: str, **given: Any) -> str:
    """Fill in a form, read what follows, and confirm; gives what was asked."""
    asked = admin.submit(path, path, **given)
    assert asked.status_code == 200, asked.text
    assert "还没有办理" in asked.text
    assert "记入管理记录，只增不改，不能撤回" in asked.text
    done = admin.submit(path, path, **given, _confirmed="1")
    assert (done.status_code, done.headers["location"].split("?")[0]) == (303, HOME)
    return asked.text


def test_a_post_is_asked_about_before_it_is_given(admin: Visitor, town: Town) -> None:
    path = f"{HOME}/posts/new"
    asked = admin.submit(path, path, **INSPECTOR)
    assert "新inspector9" not in admin.get(HOME).text
    assert _kinds(town) == []
    assert "崇卫任〔2026〕3号" in asked.text
    assert "执法人员" in asked.text
    mended = admin.submit(path, path, **INSPECTOR, _again="1").text
    assert 'value="苏卫执32000009"' in mended
    _confirm(admin, path, **INSPECTOR)
    page = admin.get(HOME).text
    assert "新inspector9：执法人员，2026-09-01起，执法证 苏卫执32000009，有效期至2030-12-31" in page
    assert _kinds(town) == ["post_added"]


def test_what_is_wrong_is_said_beside_its_field(admin: Visitor, town: Town) -> None:
    path = f"{HOME}/posts/new"
    answer = admin.submit(path, path, **{**INSPECTOR, "certificate_expires": "2026-08-31"})
    assert answer.status_code == 422
    assert "过期的执法证件不能登记，请核对证件" in answer.text
    assert "《行政处罚法》第四十二条" in answer.text
    assert 'value="崇卫任〔2026〕3号"' in answer.text
    own = admin.submit(path, path, **{**INSPECTOR, "account": "admin"})
    assert own.status_code == 403
    assert "由其他系统管理员或者信息部门办理" in own.text
    assert 'value="崇卫任〔2026〕3号"' in own.text
    day = admin.submit(path, path, **{**INSPECTOR, "valid_from": "明天"})
    assert "应为日期" in day.text
    assert _kinds(town) == []


def test_certificates_that_run_out_are_warned_of_and_changed(admin: Visitor, town: Town) -> None:
    assert "执法证件已经过期，或者将在60天内到期" not in admin.get(HOME).text
    set_post(town, "inspector1", certificate_expires=date(2026, 10, 15))
    set_post(town, "inspector2", certificate_expires=date(2026, 8, 31))
    page = admin.get(HOME).text
    assert "执法证件已经过期，或者将在60天内到期" in page
    assert "还剩44天" in page
    assert "<strong>已过期</strong>" in page
    with town.session() as session:
        person = town.people["inspector2"].person_id
        post = session.scalars(select(Post.id).where(Post.person_id == person)).one()
    asked = _confirm(
        admin,
        f"{HOME}/posts/{post}/certificate",
        certificate="苏卫执32000002",
        certificate_expires="2031-12-31",
        valid_from="2026-09-01",
        ground="2026年第一批换证",
    )
    assert "此前已经办理的事项不受影响" in asked
    page = admin.get(HOME).text
    assert "<strong>已过期</strong>" not in page
    assert "以前的任职和证件（1）" in page
    assert _kinds(town) == ["certificate_changed"]


def test_a_delegation_is_registered_and_ended(admin: Visitor, town: Town) -> None:
    _confirm(
        admin,
        f"{HOME}/delegations/new",
        account="window",
        granted_by="approver",
        number="崇卫授〔2026〕2号",
        signed_on="2026-09-01",
        scope="licence_change.grant",
        valid_from="2026-09-01",
        valid_to="2026-12-31",
    )
    with town.session() as session:
        key = session.scalars(
            select(Delegation.id).where(Delegation.number == "崇卫授〔2026〕2号")
        ).one()
    path = f"{HOME}/delegations/{key}/end"
    asked = _confirm(admin, path, on="2026-09-01", ground="撤回通知")
    assert "不能再依该授权作出决定" in asked
    assert "没有生效" in admin.get(HOME).text
    assert admin.get(path).status_code == 404
    assert _kinds(town) == ["delegation_added", "delegation_ended"]


def test_whoever_administers_several_authorities_is_served_each(admin: Visitor, town: Town) -> None:
    """Their pages name the authority, and go on at it; those of a row find it by the row."""
    assert '<nav class="mb-3" aria-label="机关">' not in admin.get(HOME).text
    with town.session() as session:
        second = session.scalars(select(Authority).where(Authority.code == "TZ")).one()
        held = {"role": Role.ADMIN.value, "valid_from": START.date()}
        person = town.people["admin"].person_id
        session.add(Post(authority_id=second.id, person_id=person, **held))
        where = Post.authority_id == second.id
        post, other = session.scalars(select(Post.id).where(where, Post.role == "inspector")).all()
        [key] = session.scalars(
            select(Delegation.id).where(Delegation.authority_id == second.id)
        ).all()
    here = f"{HOME}?authority=TZ"
    page = admin.get(HOME).text
    assert ">inspector1<" in page
    assert f'href="{here}">南通市通州区卫生健康委员会</a>' in page
    page = admin.get(here).text
    assert ">inspector1<" not in page
    assert f'href="{here}" aria-current="page"' in page
    new = f"{HOME}/posts/new?authority=TZ"
    assert f'href="{new}"' in page
    form = admin.get(new).text
    assert "<dd>南通市通州区卫生健康委员会</dd>" in form
    assert f'href="{here}">返回' in form
    carried = re.findall(r'name="authority" value="(\w+)"', form)
    assert carried == ["TZ"]
    path = new.partition("?")[0]
    given = {**INSPECTOR, "authority": "TZ"}
    asked = admin.submit(path, path, **given)
    assert '<dd class="text-pre">南通市通州区卫生健康委员会</dd>' in asked.text
    assert 'name="authority" value="TZ"' in asked.text
    done = admin.submit(path, path, **given, _confirmed="1")
    assert done.headers["location"] == f"{here}&said=post_added"
    assert "任职已登记" in admin.get(done.headers["location"]).text
    paper = {"number": "通卫授〔2026〕2号", "scope": "licence_change.grant"}
    path = f"{HOME}/delegations/new"
    form = admin.get(f"{path}?authority=TZ").text
    assert '<option value="window_b">' in form
    given = {
        **paper,
        "account": "window_b",
        "granted_by": "approver_b",
        "signed_on": "2026-09-01",
        "valid_from": "2026-09-01",
        "valid_to": "2026-12-31",
        "authority": "TZ",
    }
    done = admin.submit(path, path, **given, _confirmed="1")
    assert done.headers["location"] == f"{here}&said=delegation_added"
    for path, said, given in (
        (
            f"{HOME}/posts/{post}/certificate",
            "certificate_changed",
            {"certificate": "", "valid_from": "2026-09-01", "ground": "注销"},
        ),
        (f"{HOME}/posts/{other}/end", "post_ended", {"on": "2026-09-01", "ground": "调离"}),
        (f"{HOME}/delegations/{key}/end", "delegation_ended", {"on": "2026-09-01", "ground": "撤"}),
    ):
        done = admin.submit(path, path, **given, _confirmed="1")
        assert done.status_code == 303, done.text
        assert done.headers["location"] == f"{here}&said={said}"
    with town.session() as session:
        assert set(session.scalars(select(AdminEntry.authority_id))) == {second.id}


def test_nobody_ends_a_delegation_of_one_s_own(admin: Visitor, town: Town) -> None:
    with town.session() as session:
        authority = session.scalars(select(Authority).where(Authority.code == "CC")).one()
        own = Delegation(
            authority_id=authority.id,
            person_id=town.people["admin"].person_id,
            granted_by=town.people["approver"].person_id,
            number="崇卫授〔2026〕3号",
            signed_on=START.date(),
            scope=["licence_change.grant"],
            valid_from=START.date(),
            valid_to=date(2026, 12, 31),
        )
        session.add(own)
        session.flush()
        key = own.id
    path = f"{HOME}/delegations/{key}/end"
    assert f'href="{path}"' not in admin.get(HOME).text
    answer = admin.submit(path, f"{HOME}/posts/new", on="2026-09-01", ground="撤回通知")
    assert answer.status_code == 403
    assert "由其他系统管理员或者信息部门办理" in answer.text
    assert 'value="撤回通知"' in answer.text


@pytest.mark.parametrize(
    "path", [HOME, f"{HOME}/posts/new", f"{HOME}/delegations/new", f"{HOME}/posts/1/end"]
)
def test_it_is_for_administrators_only(town: Town, door: FastAPI, path: str) -> None:
    clerk = Visitor(open_door(town))
    clerk.enter("supervisor")
    answer = clerk.get(path)
    assert answer.status_code == 403
    assert "由本机关的系统管理员登记" in answer.text
