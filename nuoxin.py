"""The command line (命令行). It only dispatches; what a command does is in the rooms."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError, ProgrammingError

from casework.common.problems import Problem
from casework.operations.installation import (
    CannotStart,
    Installation,
    folder_of,
    from_environment,
    unread,
)
from rulebook.tree import ROOT

_PORT = 8000


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    given = _parser().parse_args(arguments)
    if given.data is not None:
        os.environ["NUOXIN_DATA"] = str(Path(given.data).resolve())
    try:
        status: int = given.command(given)
    except CannotStart as refused:
        print(f"不能运行：{refused}", file=sys.stderr)
        return 2
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 2
    except OperationalError as lost:
        print(f"连接不上数据库：{str(lost.orig).strip().splitlines()[0]}", file=sys.stderr)
        return 2
    except ProgrammingError as refused:
        if not isinstance(refused.orig, InsufficientPrivilege):
            raise
        reason = str(refused.orig).strip().splitlines()[0]
        print(f"数据库账号权限不足（见 docs/production.md）：{reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _up(given: argparse.Namespace) -> int:
    from workflows.process_manager import run

    if not given.demo:
        return run(folder_of(), port=given.port, demo=None)
    from demo import seeding

    return run(folder_of(), port=given.port, demo=seeding)


def _api(given: argparse.Namespace) -> int:
    import uvicorn

    from api import create_app
    from casework.common.database import AT_DESK
    from casework.duties.alarms import keep_watch

    demo = _is_demo_wanted()
    office = _served(demo).office(AT_DESK)
    app = create_app(office, demo=demo, prefect_url=os.environ.get("PREFECT_API_URL"))
    # Also where the flows are what has stopped.
    Thread(target=keep_watch, args=(office, Event()), daemon=True).start()
    # What is loaded stays: looking through it again would hold up one request in many by 0.1 s.
    gc.collect()
    gc.freeze()
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning")
    return 0


def _flows(_: argparse.Namespace) -> int:
    from workflows.serving import serve_deployments

    named = _served(_is_demo_wanted())
    if "PREFECT_API_URL" not in os.environ:
        raise CannotStart("请设置环境变量 PREFECT_API_URL，例如 http://127.0.0.1:4200/api")
    serve_deployments(named.office())
    return 0


def _is_demo_wanted() -> bool:
    return os.environ.get("NUOXIN_DEMO") == "1"


def _served(demo: bool) -> Installation:
    """The installation, once it is certain that it is what is asked for: demo or production."""
    for line in unread():
        print(line, file=sys.stderr)
    named = from_environment()
    named.settle(demo=demo)
    return named


def _migrate(_: argparse.Namespace) -> int:
    from casework.operations.migration import migrate

    left = migrate(from_environment().url, datetime.now(UTC))
    print("数据库已是最新")
    if left:
        print("还有需要人工处理的：")
        print("\n".join(f"  {line}" for line in left))
    return 0


def _settle(given: argparse.Namespace) -> int:
    from casework.common.timekeeping import legal_date
    from casework.people.accounts import renew_password
    from casework.people.offices import read_offices
    from casework.people.settling import settle

    offices = read_offices(Path(given.file))
    office = _served(demo=False).office()
    with office.database.session() as session:
        settled = settle(session, offices, legal_date(office.time.now()))
        names = [account.username for account in settled.new_accounts]
        passwords = {name: renew_password(session, name) for name in names}
    print(f"{len(offices.authority)} 个机关、{len(offices.person)} 个账号已与文件一致")
    if settled.unlisted:
        print("文件中没有、但仍然有效的任职（要结束的，请写入文件并填写 to）：")
        print("\n".join(f"  {line}" for line in settled.unlisted))
    if settled.unused:
        print("已登记的当事人保持登记的内容，文件中的下列各项没有采用（更正请到窗口办理）：")
        print("\n".join(f"  {line}" for line in settled.unused))
    if passwords:
        print("新账号的初始密码，只显示这一次：")
        print("\n".join(f"  {name}  {password}" for name, password in passwords.items()))
    return 0


def _password(given: argparse.Namespace) -> int:
    from casework.people.accounts import renew_password

    with from_environment().office().database.session() as session:
        password = renew_password(session, given.username)
    print(f"{given.username} 的新密码，只显示这一次：{password}")
    return 0


def _share_outlet(given: argparse.Namespace) -> int:
    from casework.notifying.outlets import share_outlet

    label = share_outlet(from_environment().office(), given.outlet)
    print(f"验证码等不属于任何机关的消息，从此由“{label}”发出")
    return 0


def _check(given: argparse.Namespace) -> int:
    from casework.operations.release import findings
    from state_machines.revisions import RevisionAltered, publish

    if given.publish:
        try:
            added = publish()
        except RevisionAltered as altered:
            print(altered, file=sys.stderr)
            return 1
        print(f"新公布 {len(added)} 项" + "".join(f"\n  {name}" for name in added))
    found = findings()
    for line in found:
        print(line, file=sys.stderr)
    print(f"发现 {len(found)} 个问题" if found else "规则库、模板和程序声明核验通过")
    return 1 if found else 0


def _verify(given: argparse.Namespace) -> int:
    file = Path(given.file) if given.file else None
    if file and not (file.is_file() or file.is_dir()):
        raise CannotStart(f"没有文件或文件夹 {file}")
    try:
        if file and file.is_file() and (file.suffix == ".zip" or file.read_bytes()[:2] == b"PK"):
            return _verify_file(file)
        return _verify_roots(file, Path(given.key) if given.key else None)
    except OSError as unreadable:
        raise CannotStart(f"读不到文件：{unreadable}") from None


def _verify_file(file: Path) -> int:
    from casework.audit.court_file_proof import verify_file

    data = file.read_bytes()
    report = verify_file(data)
    for fault in report.faults:
        print(fault, file=sys.stderr)
    if report.faults:
        print(f"案卷 {file.name} 核验不通过，发现 {len(report.faults)} 处不符")
        return 1
    for line in report.redactions:
        print(f"注意：{line}", file=sys.stderr)
    print(f"案卷 {report.case}：{report.members} 个文件、{report.rows} 行日志，全部相符")
    print(f"链头 {report.head}，文件 SHA-256 {sha256(data).hexdigest()}")
    print("请与办案机关公布或者告知的链头核对")
    return 0


def _verify_roots(place: Path | None, key: Path | None) -> int:
    from casework.audit.proof import verify_database
    from casework.audit.root_file import public_keys, read_kept
    from casework.audit.roots import verify_roots

    if key and not key.is_file():
        raise CannotStart(f"没有文件 {key}：--key 后面是另行保存的公钥文件，不是公钥本身")
    trusted = public_keys(key) if key else None
    if key and not trusted:
        raise CannotStart(f"{key} 中没有公钥（由 nuoxin root-key 显示）")
    kept = read_kept(place or folder_of(), trusted)
    if place and not len(kept) and not kept.faults:
        raise CannotStart(f"{place} 中没有日根")
    roots = f"{len(kept)} 个日根{kept.span}"
    try:
        named = from_environment()
    except CannotStart:
        if not (place and key):
            raise
        _print_findings(kept.faults, kept.notes, f"{roots}的签名、衔接和日期")
        print("没有连接数据库，没有与案件核对")
        return 1 if kept.faults else 0
    office = named.office()
    with office.database.session() as session:
        # As of one instant: others may go on working meanwhile.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        report = verify_database(session, office.versions)
        wrong, notes = verify_roots(session, kept)
    for breach in report.breaches:
        print(f"旧案：{breach}", file=sys.stderr)
    if report.breaches:
        print(f"案卷与日志相符，但有 {len(report.breaches)} 处办理不符合法定原则，请法制机构查看")
    faults = [*report.faults, *wrong]
    checked = f"{report.cases} 个案件、{report.rows} 行日志、{roots}"
    if report.redactions:
        checked += f"，{len(report.redactions)} 次依法删除个人信息"
    _print_findings(faults, [*report.lacking, *notes, *report.redactions], checked)
    stuck = any(one.open_cases for one in report.lacking)
    return 1 if faults or stuck else 0


def _print_findings(faults: Sequence[object], notes: Sequence[object], checked: str) -> None:
    for fault in faults:
        print(fault, file=sys.stderr)
    for note in notes:
        print(f"注意：{note}", file=sys.stderr)
    print(f"{checked}，{f'发现 {len(faults)} 处不符' if faults else '全部相符'}")


def _backup(given: argparse.Namespace) -> int:
    from casework.operations.backup import DoesNotAgree, back_up
    from casework.operations.data_folder import database_at_hand

    folder, here = Path(given.folder), folder_of()
    try:
        with database_at_hand(here, new=False, say=_say_beside) as url:
            manifest, left = back_up(url, here, folder, say=_say_beside)
    except DoesNotAgree as broken:
        print(broken, file=sys.stderr)
        return 1
    print(f"已备份到 {folder}：截至 {manifest.as_of.astimezone():%Y-%m-%d %H:%M:%S}")
    print(f"{len(manifest.tables)} 张表、{manifest.rows} 行，{len(manifest.files)} 个文件，已核对")
    if left:
        print(f"数据目录中没有备份的：{'、'.join(left)}（密钥请另行妥善保管）")
    print("备份含个人信息和材料原件，请加密保存在本机以外")
    return 0


def _restore(given: argparse.Namespace) -> int:
    from casework.operations.backup import DoesNotAgree
    from casework.operations.data_folder import database_at_hand
    from casework.operations.restoring import NotProved, restore

    folder, here = Path(given.folder), folder_of()
    try:
        with database_at_hand(here, new=True, say=_say_beside) as url:
            restored = restore(
                folder,
                url,
                here,
                datetime.now(UTC),
                replace=given.replace,
                despite_faults=given.despite_faults,
                say=_say_beside,
            )
    except DoesNotAgree as broken:
        print(broken, file=sys.stderr)
        return 1
    except NotProved as wrong:
        print("\n".join(wrong.faults), file=sys.stderr)
        print(
            f"备份的内容核验不通过，发现 {len(wrong.faults)} 处不符，没有恢复，数据库没有改动。"
            "只有这一份备份、必须先用起来的，加上 --despite-faults"
        )
        return 1
    for note in restored.notes:
        print(f"注意：{note}", file=sys.stderr)
    made = f"{restored.manifest.as_of.astimezone():%Y-%m-%d %H:%M:%S}"
    print(
        f"已恢复截至 {made} 的备份：{restored.report.cases} 个案件、{restored.report.rows} 行日志"
    )
    for name in restored.stayed:
        print(f"数据目录里已有另一份 {name}，没有改动；备份中的那一份在 {folder} 里")
    if restored.left:
        print("还有需要人工处理的：")
        print("\n".join(f"  {line}" for line in restored.left))
    return 1 if restored.faults else 0


def _say_beside(line: str) -> None:
    """How far it is, beside what it gives."""
    print(line, file=sys.stderr, flush=True)


def _seal(_: argparse.Namespace) -> int:
    from casework.audit import roots
    from casework.audit.root_file import files_of, private_key_file
    from casework.duties.daily_proof import seal_day
    from casework.duties.roots_out import hand_out

    named = from_environment()
    office = named.office()
    with office.database.session() as session:
        before = len(roots.registered(session))
    # By hand the environment is easily left out: then this would begin a second chain, elsewhere.
    if before and not files_of(named.folder) and not private_key_file(named.folder).exists():
        raise CannotStart(
            f"数据库已有 {before} 个日根，而数据目录 {named.folder} 中没有日根文件和签名密钥："
            "请用 NUOXIN_DATA 指明数据目录；数据目录确已丢失的，先从备份或者交出处取回日根文件"
        )
    report = seal_day(office, named.folder)
    sealed = "".join(report.done)
    print(f"已存证：{sealed}" if sealed else "自上次存证以来没有新的记录，没有再存证")
    if not report.failed:
        print(f"已写入 {files_of(named.folder)[-1]} 的最后一行")
    out = hand_out(office, named.folder)
    for line in (*report.notes, *out.done, *out.notes):
        print(line)
    for line in (*report.failed, *out.failed):
        print(line, file=sys.stderr)
    return 1 if report.failed or out.failed else 0


def _root_key(given: argparse.Namespace) -> int:
    from casework.audit.root_file import PUBLIC_KEYS, change_key, key_id, public_keys

    folder = folder_of()
    if given.new or given.lost:
        change_key(folder, datetime.now(UTC).year, lost=given.lost)
        print("已改用新密钥，此后的日根由它签名。请把下面的公钥另行保存，旧公钥继续保留")
    keys = public_keys(folder)
    if not keys:
        raise CannotStart("还没有签名密钥：第一次存证（nuoxin seal）时生成")
    print("\n".join(f"{key_id(public)} {public}" for public in keys))
    print(
        f"最后一个正在使用。公钥文件：{folder / PUBLIC_KEYS}（核验时用 --key 指明另行保存的副本）"
    )
    return 0


def _sweep(_: argparse.Namespace) -> int:
    from casework.common.sweep_report import SweepReport
    from casework.deadlines.duty_book import DUE_CLOCKS, NOTICES, REMINDERS
    from casework.duties.one_by_one import EVERYTHING
    from casework.duties.roster import do, house_of

    named = from_environment()
    house = house_of(named.office(), named.folder)
    failed = False
    for duty in (DUE_CLOCKS, REMINDERS, NOTICES):
        # By hand it does not give way: whoever is at it may be what hangs.
        reports = do(house, duty, EVERYTHING, alone=False).values()
        total = sum((report for report in reports if report), start=SweepReport())
        print(f"{duty.label}：{total}")
        failed = failed or bool(total.failed)
    return 1 if failed else 0


def _diagram(given: argparse.Namespace) -> int:
    from state_machines.language.diagram import svg
    from state_machines.processes import PROCESSES

    if given.process not in PROCESSES:
        raise CannotStart(f"没有程序“{given.process}”，可选：{'、'.join(PROCESSES)}")
    drawn = svg(PROCESSES[given.process])
    if given.output:
        Path(given.output).write_text(drawn + "\n", encoding="utf-8")
    else:
        print(drawn)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nuoxin", description="诺信：告知承诺、事后核查与信用", epilog=f"程序目录：{ROOT}"
    )
    parser.set_defaults(data=None)
    commands = parser.add_subparsers(required=True, metavar="命令")

    up = commands.add_parser("up", help="在前台运行全部：数据库、迁移、Prefect、网站")
    up.add_argument("--demo", action="store_true", help="演示城市，日历可以向前拨")
    up.add_argument("--port", type=int, default=_PORT, help=f"网站端口（默认 {_PORT}）")
    up.set_defaults(command=_up)

    api = commands.add_parser("api", help="只运行网站")
    api.add_argument("--host", default="127.0.0.1")
    api.add_argument("--port", type=int, default=_PORT)
    api.set_defaults(command=_api)

    for name, command, text in (
        ("flows", _flows, "只运行 Prefect 流程"),
        ("migrate", _migrate, "更新数据库结构，载入规则、模板和程序"),
        ("sweep", _sweep, "手工巡查一次：时限、提醒、通知"),
        ("seal", _seal, "手工存证一次：把全部案件、规则和评级的日根写入文件"),
    ):
        commands.add_parser(name, help=text).set_defaults(command=command)

    settle = commands.add_parser("settle", help="按文件设立机关、账号和任职，可以重复运行")
    settle.add_argument("file", metavar="FILE.toml", help="样例：docs/offices.example.toml")
    settle.set_defaults(command=_settle)

    password = commands.add_parser("password", help="给一个账号换新密码，原有登录随即失效")
    password.add_argument("username", metavar="USERNAME")
    password.set_defaults(command=_password)

    backup = commands.add_parser("backup", help="备份到一个文件夹；其间可以照常办理")
    backup.add_argument("folder", metavar="DIR", help="空文件夹，或者上一次的备份（成功后替换）")
    backup.set_defaults(command=_backup)

    restore = commands.add_parser("restore", help="把备份恢复到空的数据库，核验通过才生效")
    restore.add_argument("folder", metavar="DIR", help="nuoxin backup 写成的文件夹")
    restore.add_argument(
        "--replace", metavar="DATABASE", help="数据库不是空的：写出它的名字，用备份替换全部内容"
    )
    restore.add_argument(
        "--despite-faults", action="store_true", help="备份的内容核验不通过也恢复，并逐条列出"
    )
    restore.set_defaults(command=_restore)

    share = commands.add_parser("share-outlet", help="指定由哪个短信渠道发出验证码")
    share.add_argument("outlet", type=int, metavar="ID", help="发送渠道的编号，见 /api/v1/outlets")
    share.set_defaults(command=_share_outlet)

    check = commands.add_parser("check", help="核验规则库、模板和程序声明")
    check.add_argument("--publish", action="store_true", help="公布新的规则修订和程序版本")
    check.set_defaults(command=_check)

    root_key = commands.add_parser("root-key", help="显示日根的公钥，或者更换签名密钥")
    root_key.add_argument("--new", action="store_true", help="改用新密钥，由旧密钥签名宣布")
    root_key.add_argument("--lost", action="store_true", help="私钥确已遗失，改用新密钥")
    root_key.set_defaults(command=_root_key)

    verify = commands.add_parser("verify", help="核验全部日志并重放每个案件，或者核验一个案卷文件")
    verify.add_argument(
        "file", nargs="?", help="案卷文件（.zip，不需要数据库），或者留存在外的日根文件、文件夹"
    )
    verify.add_argument(
        "--key", metavar="FILE", help="另行保存的公钥；用它核验日根的签名，可以不连接数据库"
    )
    verify.set_defaults(command=_verify)

    diagram = commands.add_parser("diagram", help="画出程序的流程图（SVG）")
    diagram.add_argument("process", metavar="PROCESS")
    diagram.add_argument("-o", "--output", metavar="FILE")
    diagram.set_defaults(command=_diagram)

    for command_parser in commands.choices.values():
        command_parser.add_argument(
            "--data", metavar="DIR", default=None, help="数据目录（默认 .nuoxin）"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
