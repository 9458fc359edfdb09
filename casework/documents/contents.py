"""Compulsory contents of documents (文书必备内容): the template says each.

The rulebook lists them by document, each with its article (`rulebook/contents.toml`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rulebook.models import DocumentContents


def unsaid(contents: DocumentContents, fields: Collection[str], text: str) -> Iterator[str]:
    """What of the compulsory contents a template does not say, by its `fields` and its own `text`:
    the content, with the field or the words that are not there."""
    for item in contents.items:
        wanted = [*item.fields, *([item.when] if item.when else [])]
        for field in (name for each in wanted for name in each.split("|")):
            if field not in fields:
                yield f"{item.what}（{item.law}）：模板中没有字段 {field}"
        for words in item.words:
            if words not in text:
                yield f"{item.what}（{item.law}）：模板中没有“{words}”"
