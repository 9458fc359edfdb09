"""A .zip whose every byte follows from its members (案卷压缩包): nothing in it can differ unseen.

Members are stored, not compressed, since compressors differ; dates and attributes are fixed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

Member = tuple[str, bytes]


def packed(members: Iterable[Member]) -> bytes:
    """The .zip of these members, in order: the same members give the same bytes anywhere."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def unpacked(data: bytes) -> list[Member]:
    """The members of a .zip, in the order of its directory. Raises ValueError if it is damaged, or
    if one byte of it is not as `packed` would have written it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > len(data):
                raise ValueError("压缩包声明的内容多于文件本身")
            members = [(entry.filename, archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError("压缩包已损坏，不能读取") from error
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        raise ValueError("压缩包中有重名的文件")
    if packed(members) != data:
        raise ValueError("压缩包的结构（目录、日期、属性、注释等）被改动")
    return members
