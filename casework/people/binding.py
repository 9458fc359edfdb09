"""Binding accounts (账号绑定): to the person whose document a clerk has seen, and to a firm whose
known contact passes on a code.

An account that somebody has registered is of a person of its own. It takes nothing over from
whoever else bears that name and number until a clerk with the document in hand has bound it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from casework.access.masking import masked_phone
from casework.access.readers import reader_of
from casework.acts.actors import Actor, in_force
from casework.acts.notices import enqueue_code
from casework.common.codes import CodeMalformed, doubts_about, normalise
from casework.common.phones import mobile
from casework.common.problems import NotAllowed, NotFound, bad_field
from casework.common.texts import same_name
from casework.common.timekeeping import in_chinese, legal_date
from casework.kernel.office import Office
from casework.models import Account, Case, Mandate, Party, PartyChange, Person, Post
from casework.people.accounts import username_of
from casework.people.administration.admin_log import Change, log_change
from casework.people.mandate_ends import end_mandate
from casework.people.mandates import SCOPES, MandateView, mandate_view
from casework.people.one_time_codes import count_try, issue, live, redeem, rules_of
from casework.people.party_papers import clerks_only
from state_machines.language.vocabulary import Role

_GO_TO_THE_WINDOW = "系统中没有该单位可以接收验证码的联系电话，请持营业执照和授权委托书到窗口办理"
_NUMBER_IS_NEW = (
    "该单位登记的联系电话于{}登记，满{}日后方可凭该号码确认；此前请持营业执照和授权委托书到窗口办理"
)


@dataclass(frozen=True)
class CodeGiven:
    """A code (绑定码) that the account's holder tells the clerk."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class CodeSent:
    """A code that went to a party's contact, whose number is masked."""

    party: str
    sent_to: str
    expires_at: datetime


def code_for_counter(office: Office, session: Session, actor: Actor) -> CodeGiven:
    """A code that proves at the counter that the account is in its holder's hand.

    Raises BadInput if the account's person is known by a document already, NotAllowed for staff.
    """
    _not_for_staff(office, session, actor)
    if session.get_one(Person, actor.person_id).id_code is not None:
        raise bad_field("account", "账号", "已经核验身份，不必再绑定")
    plain, kept = issue(office, session, actor.account_id, "counter")
    return CodeGiven(plain, kept.expires_at)


def bind_at_counter(
    office: Office, actor: Actor, mandate_id: int, username: str, said: str
) -> MandateView:
    """Bind an account to the person of a mandate, whose document the clerk holds in hand.

    From then on the account is that person's, with whatever it may act in; what the account's
    holder was let do before goes along. Raises NotAllowed for anyone but a window clerk, NotFound,
    BadInput if the account's name and number are not the document's, or the code is not right.
    """
    with office.database.session() as session:
        clerks_only(office, session, actor)
        posts = reader_of(office, session, actor).posts
        account_id = session.scalar(
            select(Account.id).where(
                Account.username == username_of(username), Account.active.is_(True)
            )
        )
    if account_id is None:
        raise bad_field("username", "账号", "没有这个账号，请与本人核对")
    count_try(office, account_id, "counter")
    with office.database.session() as session:
        today = legal_date(office.time.now())
        mandate = session.scalar(select(Mandate).where(Mandate.id == mandate_id, in_force(today)))
        if mandate is None:
            raise NotFound("没有这项授权，或者已经终止")
        verified = session.get_one(Person, mandate.person_id)
        account = session.get_one(Account, account_id, with_for_update=True)
        stated = session.get_one(Person, account.person_id)
        _same_person(session, actor, account, stated, verified)
        redeem(office, session, account.id, "counter", said)
        _carry_over(session, actor, stated, verified, office.time.now())
        account.person_id = verified.id
        account.bound_by, account.bound_at = actor.person_id, office.time.now()
        desk = next(post for post in posts if post.role == Role.WINDOW_CLERK.value)
        at = office.time.now().isoformat()
        change = Change("account_bound", actor, at, "窗口核验身份证件", today)
        log_change(session, desk.authority_id, change, [account, verified])
        party = session.get_one(Party, mandate.party_id)
        return mandate_view(mandate, verified, party, today)


def ask_firm(
    office: Office, session: Session, actor: Actor, code: str, scope: list[str]
) -> CodeSent:
    """Send a code to the known contact of the firm of that 统一社会信用代码, who passes it on if
    the actor is to act for the firm in `scope`; gives the masked number it went to.

    Raises BadInput, word for word the same for a firm that is unknown, that has ended, or whose
    contact cannot be reached, and one that says since when, where the number is too new;
    NotAllowed for staff; TooMany.
    """
    _not_for_staff(office, session, actor)
    if not scope or not set(scope) <= set(SCOPES):
        raise bad_field("scope", "代理事项", "请至少勾选一项")
    wanted = normalise(code)
    try:
        doubts = doubts_about("uscc", wanted)
    except CodeMalformed as error:
        raise bad_field("party", "统一社会信用代码", str(error)) from None
    party = session.scalar(select(Party).where(Party.code == wanted).with_for_update())
    if party is None and doubts:
        raise bad_field("party", "统一社会信用代码", f"{'；'.join(doubts)}，请对照营业执照核对")
    contact = _contact(party) if party else None
    if party is None or contact is None:
        raise bad_field("party", "统一社会信用代码", _GO_TO_THE_WINDOW)
    _refuse_new_number(office, session, party)
    now = office.time.now()
    _not_there_yet(session, actor.person_id, party, scope, legal_date(now))
    plain, kept = issue(
        office, session, actor.account_id, "firm", party_id=party.id, scope=sorted(set(scope))
    )
    enqueue_code(
        session,
        key=f"code/{kept.id}",
        phone=contact,
        body=_message(office, session, actor, party, scope, plain),
        now=now,
    )
    return CodeSent(party.code, masked_phone(contact), kept.expires_at)


def awaited(office: Office, session: Session, actor: Actor) -> CodeSent | None:
    """The code that a firm's contact has and the actor has not entered yet, while it holds."""
    code = live(office, session, actor.account_id, "firm")
    if code is None:
        return None
    party = session.get_one(Party, code.party_id)
    return CodeSent(party.code, masked_phone(_contact(party) or ""), code.expires_at)


def confirm_firm(office: Office, actor: Actor, said: str) -> MandateView:
    """Enter the code that the firm's contact has passed on; gives the mandate that it makes.

    Raises BadInput if the code is not right, or the firm has ended meanwhile.
    """
    count_try(office, actor.account_id, "firm")
    with office.database.session() as session:
        now = office.time.now()
        today = legal_date(now)
        code = redeem(office, session, actor.account_id, "firm", said)
        party = session.get_one(Party, code.party_id, with_for_update=True)
        if _contact(party) is None:
            raise bad_field("party", "统一社会信用代码", _GO_TO_THE_WINDOW)
        _refuse_new_number(office, session, party)
        _not_there_yet(session, actor.person_id, party, code.scope, today)
        mandate = Mandate(
            party_id=party.id,
            person_id=actor.person_id,
            capacity="agent",
            scope=code.scope,
            valid_from=today,
            valid_to=_until(office, session, today),
            registered_at=now,
        )
        session.add(mandate)
        session.flush()
        person = session.get_one(Person, actor.person_id)
        return mandate_view(mandate, person, party, today)


def _contact(party: Party) -> str | None:
    """The mobile number at which the party can be asked, while there is a party."""
    return mobile(party.phone) if party.dissolved_on is None else None


def _refuse_new_number(office: Office, session: Session, party: Party) -> None:
    """Raise BadInput while a number that a clerk has entered speaks for nobody (民法典165): whoever
    had the one before, or speaks for the firm, has been told. Where nobody does, and there is no
    case of the firm, a first one takes nobody's place."""
    now = office.time.now()
    today = legal_date(now)
    days = office.rules.current(session).value("account.phone_settles", today, "")
    formerly = func.json_extract_path_text(PartyChange.changes, "phone", "0")
    changed = session.scalar(
        select(func.max(PartyChange.recorded_at)).where(
            PartyChange.party_id == party.id,
            or_(
                formerly != "",
                formerly.is_not(None)
                & or_(
                    exists().where(Mandate.party_id == party.id, in_force(today)),
                    exists().where(Case.party_id == party.id),
                ),
            ),
            PartyChange.recorded_at > now - timedelta(days=days),
        )
    )
    if changed is not None:
        text = _NUMBER_IS_NEW.format(in_chinese(legal_date(changed)), days)
        raise bad_field("party", "统一社会信用代码", text, law="《民法典》第一百六十五条")


def _not_for_staff(office: Office, session: Session, actor: Actor) -> None:
    if reader_of(office, session, actor).posts:
        raise NotAllowed("工作人员账号不能绑定当事人", law="《公务员法》第五十九条第十六项")


def _same_person(
    session: Session, actor: Actor, account: Account, stated: Person, verified: Person
) -> None:
    """Raise unless the account may become the verified person's."""
    if actor.person_id in (stated.id, verified.id):
        raise NotAllowed("不能办理本人的账号绑定，请由其他窗口人员办理")
    if verified.id_code is None:
        raise bad_field("mandate", "到场人员", "登记时没有核对身份证件，请按证件重新登记后再绑定")
    if stated.id == verified.id:
        raise bad_field("username", "账号", "已经绑定，不必重复办理")
    if session.scalar(select(Post.id).where(Post.person_id == stated.id).limit(1)):
        raise NotAllowed("该账号属于工作人员，不能绑定当事人", law="《公务员法》第五十九条第十六项")
    if stated.id_code is not None:
        raise bad_field("username", "账号", "已经绑定其他人，请核对")
    said, document = (account.id_kind, account.id_code), (verified.id_kind, verified.id_code)
    if not same_name(stated.name, verified.name) or (account.id_code and said != document):
        raise bad_field(
            "username", "账号", "注册的姓名、证件号码与核验的身份证件不一致，请本人按证件重新注册"
        )


def _carry_over(
    session: Session, actor: Actor, stated: Person, verified: Person, now: datetime
) -> None:
    """Give the verified person what the account's holder was let do, and end it there."""
    today = legal_date(now)
    for mandate in session.scalars(
        select(Mandate).where(Mandate.person_id == stated.id, in_force(today)).order_by(Mandate.id)
    ).all():
        session.add(
            Mandate(
                party_id=mandate.party_id,
                person_id=verified.id,
                capacity=mandate.capacity,
                scope=mandate.scope,
                valid_from=mandate.valid_from,
                valid_to=mandate.valid_to,
                registered_by=mandate.registered_by,
                registered_at=mandate.registered_at,
            )
        )
        end_mandate(session, mandate, "账号已绑定核验的身份", actor, now)
    session.flush()


def _not_there_yet(
    session: Session, person_id: int, party: Party, scope: list[str], today: date
) -> None:
    """Raise BadInput if the person may act for the party in that scope already."""
    for mandate in session.scalars(
        select(Mandate).where(
            Mandate.person_id == person_id, Mandate.party_id == party.id, in_force(today)
        )
    ):
        if mandate.capacity == "representative" or set(scope) <= set(mandate.scope):
            raise bad_field("party", "统一社会信用代码", "您已经可以代表该单位，不必再绑定")


def _until(office: Office, session: Session, today: date) -> date:
    """The last day of a mandate that a code makes."""
    return today + timedelta(days=365 * rules_of(office, session).mandate_years)


def _message(
    office: Office, session: Session, actor: Actor, party: Party, scope: list[str], code: str
) -> str:
    person = session.get_one(Person, actor.person_id)
    account = session.get_one(Account, actor.account_id)
    number = person.id_code or account.id_code
    who = f"{person.name}（证件尾号{number[-4:]}）" if number else person.name
    acts = "、".join(label for act, label in SCOPES.items() if act in scope)
    minutes = rules_of(office, session).code_minutes
    until = _until(office, session, legal_date(office.time.now()))
    return (
        f"【诺信】{who}申请代理{party.name}{acts}，期限至{in_chinese(until)}。"
        f"同意委托的，请将验证码{code}告知本人，{minutes}分钟内有效；不同意的，请勿告知任何人。"
    )
