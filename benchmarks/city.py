"""A city of a million cases: the demo's rows many times over, each time with other names and days.

PostgreSQL makes them itself. Names are drawn so that some are common, as names are. Rows of the log
are only there for what reads them, and documents and uploads not at all: no list reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import psycopg

from casework.common.database import Database
from casework.common.timekeeping import legal_date
from casework.duties.one_by_one import EVERYTHING
from casework.duties.reminders import _due_reminders, _slots
from casework.kernel.office import Office
from casework.operations.migration import migrate
from demo import seeding
from state_machines.licences import LICENCES

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
# Rows of one copy of the city stand so far from those of the next.
_STRIDE = 10_000
_PARTIES_OF_AGENT = 300

_TRADES = (
    "宾馆", "美容", "美发", "酒店", "浴场", "旅馆", "超市", "茶座", "影城", "歌舞娱乐", "健身",
    "口腔门诊", "足浴", "民宿", "书店", "游泳馆", "商场", "咖啡", "候诊", "展览", "网吧", "诊所",
    "体检", "月子会所",
)  # fmt: skip
_SIGNS = (
    "滨江", "云水", "金钻", "丽妍", "星空", "文峰", "如意", "锦绣", "海天", "悦来", "福泰", "和平",
    "东方", "新世纪", "阳光", "紫琅", "濠河", "狼山", "盛世", "天虹", "鑫源", "百合", "馨悦",
    "名都", "华美", "𠮷祥", "龙腾", "御景", "佳音", "祥云",
)  # fmt: skip
_CHARACTERS = "安邦昌达恩丰广浩恒弘嘉建景康乐利隆茂宁鹏庆荣瑞盛泰万祥兴旭雅怡永裕源泽振志忠卓"
_STREETS = (
    "人民中路", "工农路", "虹桥路", "学田路", "南公园路", "濠南路", "青年中路", "跃龙路", "任港路",
    "城山路", "钟秀中路", "通京大道", "崇川路", "星湖大道", "世纪大道", "园林路", "外环东路",
    "永兴路", "姚港路", "孩儿巷",
)  # fmt: skip
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡"


def lay_out(server: str, name: str, copies: int) -> str:
    """Make a database of that name with so many copies of the demo city; gives its URL."""
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        owner.execute(f'CREATE DATABASE "{name}"')
    url = server.replace("/postgres?", f"/{name}?")
    migrate(url, NOW)
    seeding.settle_in(url, NOW)
    seeding.tell(url, public_url="http://127.0.0.1:8000")
    multiply(url, copies)
    return url


def multiply(url: str, copies: int) -> None:
    """Make so many cities of the demo city in the database at the owner's `url`."""
    with psycopg.connect(url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("SET maintenance_work_mem = '1GB'")
        _draw_names(owner, copies)
        indexes = _take_indexes(owner)
        for table, changed in _TABLES.items():
            _copy(owner, table, changed)
            owner.commit()
        owner.execute("ANALYZE")
        owner.execute(_SEARCH)
        owner.execute(_WAITING)
        owner.execute(_HANDLED)
        owner.execute(_AGENT, {"parties": _PARTIES_OF_AGENT})
        for index in indexes:
            owner.execute(index)
        owner.commit()
    _remind(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def _copy(owner: psycopg.Connection, table: str, changed: Mapping[str, str]) -> None:
    columns = [
        name
        for (name,) in owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s ORDER BY ordinal_position",
            (table,),
        )
    ]
    told = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    source = changed.get("from", f"{table} t")
    where = changed.get("where", "true")
    owner.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {told} FROM {source},"  # noqa: S608
        f" copy WHERE k > 0 AND ({where})"
    )


def _draw_names(owner: psycopg.Connection, copies: int) -> None:
    """The copies, and for each place and party of each what it is called there."""
    owner.execute("CREATE TEMP TABLE copy AS SELECT generate_series(0, %s - 1) AS k", (copies,))
    # Of a list the first ones come up much more often than the last.
    owner.execute(
        "CREATE FUNCTION pg_temp.pick(words text[], seed text) RETURNS text LANGUAGE sql IMMUTABLE"
        " AS $$ SELECT words[1 + floor(cardinality(words)"
        " * power((hashtextextended(seed, 7) & 1048575) / 1048576.0, 2))::int] $$"
    )
    owner.execute(
        """
        CREATE TEMP TABLE named AS
        SELECT what, id, k AS nth, sign || trade AS short,
            CASE WHEN hashtextextended(seed, 1) %% 5 = 0 THEN surname || given
                WHEN hashtextextended(seed, 2) %% 3 = 0 THEN '崇川区' || sign || trade || '店'
                ELSE '南通' || sign || trade || '有限公司' END AS long,
            '南通市崇川区' || street || (k * 7 + id * 13) %% 900 + 1 || '号'
                || (k * 1000 + id) %% 30 + 1 || '幢' || k * 1000 + id || '室' AS address,
            '91320613' || lpad((k * 1000 + id)::text, 9, '0') || 'X' AS code
        FROM (
            SELECT *, CASE WHEN hashtextextended(seed, 3) %% 3 = 0
                THEN pg_temp.pick(%(signs)s, seed || 's')
                ELSE pg_temp.pick(%(characters)s, seed || 'c')
                    || pg_temp.pick(%(characters)s, seed || 'd') END AS sign,
                pg_temp.pick(%(trades)s, seed || 't') AS trade,
                pg_temp.pick(%(streets)s, seed || 'a') AS street,
                pg_temp.pick(%(surnames)s, seed || 'n') AS surname,
                pg_temp.pick(%(characters)s, seed || 'g')
                    || pg_temp.pick(%(characters)s, seed || 'h') AS given
            FROM (
                SELECT 'party' AS what, id, k, concat('p', id, '/', k) AS seed FROM party, copy
                UNION ALL
                SELECT 'place', id, k, concat('l', id, '/', k) FROM place, copy
            ) AS every
        ) AS drawn
        """,
        {
            "signs": list(_SIGNS),
            "characters": list(_CHARACTERS),
            "trades": list(_TRADES),
            "streets": list(_STREETS),
            "surnames": list(_SURNAMES),
        },
    )
    owner.execute("CREATE INDEX ON named (what, id, nth)")
    owner.execute("ANALYZE named")


def _take_indexes(owner: psycopg.Connection) -> list[str]:
    """Drop the indexes that are not of constraints; gives how to make them again."""
    found = owner.execute(
        "SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname"
        " WHERE schemaname = 'public' AND tablename = ANY(%s)"
        " AND pg_class.oid NOT IN (SELECT conindid FROM pg_constraint)",
        # Those of a participant are asked for what is searched.
        ([*(_TABLES.keys() - {"participant"}), "case_search", "case_waiting", "case_handler"],),
    ).fetchall()
    for name, _ in found:
        owner.execute(f'DROP INDEX "{name}"')
    return [made for _, made in found]


def _remind(url: str) -> None:
    """Take it that all but a few reminders went out in the minutes before."""
    database = Database(url)
    office = Office(database, _Stopped(), public_url="http://127.0.0.1:8000")
    with database.session() as session:
        rows = session.execute(
            _due_reminders(_slots(office, session, legal_date(NOW)), NOW, EVERYTHING)
        ).all()
    database.close()
    sent = rows[100:]
    with psycopg.connect(url) as owner:
        owner.execute(
            "UPDATE case_clock SET reminded = reminded || ends FROM (SELECT clock_id,"
            " array_agg(said) AS ends FROM unnest(%s::bigint[], %s::text[]) AS t (clock_id, said)"
            " GROUP BY 1) AS done WHERE clock_id = id",
            (
                [row.clock_id for row in sent],
                ["/".join(row.key.rsplit("/", 3)[1:]) for row in sent],
            ),
        )


class _Stopped:
    """The moment of the measurement."""

    def now(self) -> datetime:
        return NOW


def _moved(*columns: str) -> dict[str, str]:
    """Keys that are those of another copy."""
    return {name: f"t.{name} + k * {_STRIDE}" for name in columns}


def _later(column: str, case: str = "t") -> str:
    """A day of a case in another copy: what has ended lies in the years before, licences run out
    over years to come, and what is under way is a few days on or back."""
    kinds = ", ".join(f"'{kind}'" for kind in LICENCES)
    return (
        f"{column} + make_interval(days => CASE WHEN {case}.ended_at IS NOT NULL THEN -(k % 1500)"
        f" WHEN {case}.process IN ({kinds}) THEN k % 1300 - 30 ELSE k % 21 - 5 END)"
    )


_NUMBERED = r"regexp_replace({}, '(\d+)(\D*)$', k || '\1\2')"
_PLACE = "(SELECT {} FROM named n WHERE n.what = 'place' AND n.id = t.place_id AND n.nth = k)"
_DATA = f"""
    CASE WHEN t.data #>> '{{application,place_name}}' IS NULL OR t.place_id IS NULL THEN t.data
    ELSE jsonb_set(t.data::jsonb, '{{application}}', (t.data::jsonb -> 'application')
        || {_PLACE.format("jsonb_build_object('place_name', short, 'address', address)")}
        || CASE WHEN t.data #>> '{{application,number}}' IS NULL THEN '{{}}'::jsonb ELSE
            jsonb_build_object('number', {_NUMBERED.format("t.data #>> '{application,number}'")})
        END)::json END
"""
_PUBLISHED = (
    f"(t.case_id, t.seq) IN (SELECT case_id, log_seq FROM publication WHERE id < {_STRIDE})"  # noqa: S608
)
_OF_CASE = "{} t JOIN case_file c ON c.id = t.case_id"
_TABLES: dict[str, dict[str, str]] = {
    "party": {
        **_moved("id"),
        "name": "n.long",
        "code": "n.code",
        "address": "n.address",
        "from": "party t JOIN named n ON n.what = 'party' AND n.id = t.id",
        "where": "n.nth = k",
    },
    "place": {
        **_moved("id"),
        "address": "n.address",
        "address_key": "n.address",
        "from": "place t JOIN named n ON n.what = 'place' AND n.id = t.id",
        "where": "n.nth = k",
    },
    "case_file": {
        **_moved("id", "party_id", "place_id", "family_id", "origin_id"),
        "number": rf"regexp_replace(t.number, '\d+$', (t.id + k * {_STRIDE})::text)",
        "tracking_code": "md5(t.tracking_code || k)",
        "data": _DATA,
        "due_on": f"({_later('t.due_on')})::date",
        "next_due": f"CASE WHEN t.next_due IS NOT NULL THEN greatest({_later('t.next_due')},"
        f" '{NOW.isoformat()}'::timestamptz + interval '1 hour') END",
        "opened_at": _later("t.opened_at"),
        "ended_at": _later("t.ended_at"),
    },
    "case_clock": {
        **_moved("id", "case_id"),
        "due_on": f"({_later('t.due_on', 'c')})::date",
        "fires_at": _later("t.fires_at", "c"),
        "from": _OF_CASE.format("case_clock"),
    },
    "participant": _moved("id", "case_id"),
    "number_entry": {**_moved("id", "case_id", "n"), "text": _NUMBERED.format("t.text")},
    "publication": {
        **_moved("id", "case_id"),
        "due_on": f"({_later('t.due_on', 'c')})::date",
        "published_on": f"({_later('t.published_on', 'c')})::date",
        "from": _OF_CASE.format("publication"),
    },
    "publication_line": _moved("id", "case_id", "publication_id"),
    "credit_event": _moved("id", "case_id", "party_id"),
    "credit_rating": _moved("id", "party_id"),
    "notice": {
        **_moved("id", "case_id", "to_party_id"),
        "key": "t.key || '/' || k",
        "created_at": "t.created_at - make_interval(days => k % 1500)",
        "where": "k % 4 = 0",
    },
    "case_log": {
        **_moved("id", "case_id"),
        "payload": "'{}'::json",
        "from": _OF_CASE.format("case_log"),
        "where": f"c.process = 'place_grading' OR {_PUBLISHED}",
    },
}
_SEARCH = f"""
    INSERT INTO case_search (case_id, number, said, authorities)
    SELECT id, number, case_said(party_id, place_id, data), ARRAY(
        SELECT c.authority_id UNION SELECT authority_id FROM participant WHERE case_id = c.id
    ) FROM case_file c WHERE id > {_STRIDE}
"""  # noqa: S608
_WAITING = f"""
    INSERT INTO case_waiting (case_id, role, authority_id, due_on)
    SELECT id, role, seen_by, coalesce(due_on, DATE '9999-12-31')
    FROM case_file, unnest(array_append(awaiting, '')) AS role, LATERAL (
        SELECT case_file.authority_id
        UNION SELECT authority_id FROM participant WHERE case_id = case_file.id
    ) AS seen (seen_by)
    WHERE ended_at IS NULL AND NOT private AND id > {_STRIDE}
"""  # noqa: S608
_HANDLED = f"""
    INSERT INTO case_handler (case_id, username, due_on)
    SELECT id, username,
        CASE WHEN ended_at IS NULL THEN coalesce(due_on, DATE '9999-12-31') END
    FROM case_file, unnest(handlers_named(data)) AS username WHERE id > {_STRIDE}
"""  # noqa: S608
# Somebody who acts for the shops of a chain.
_AGENT = f"""
    WITH agent AS (INSERT INTO person (name) VALUES ('代办') RETURNING id)
    INSERT INTO mandate (party_id, person_id, capacity, scope, valid_from)
    SELECT 1 + k * {_STRIDE}, agent.id, 'agent', ARRAY['file'], DATE '2020-01-01'
    FROM agent, copy WHERE k > 0 ORDER BY k DESC LIMIT %(parties)s
"""  # noqa: S608
