"""Checking what this release ships (发布核验): rulebook, templates, declarations, revisions."""

from __future__ import annotations

from casework.rules.rendering import TemplateError, compile_template
from rulebook.models import DocumentKind, KeySetting, Limit, Rule, parse_content
from rulebook.shipped import RulebookError, shipped_editions
from rulebook.tree import DOCUMENT_TEMPLATES
from state_machines.revisions import report
from state_machines.verification import DocumentKnowledge


def findings() -> list[str]:
    """Every hole found, one line each; none if all is well."""
    try:
        rules = [parse_content(edition.kind, edition.content) for edition in shipped_editions()]
    except RulebookError as error:
        return [f"rulebook: {error}"]
    documents = {rule.key: rule.template for rule in rules if isinstance(rule, DocumentKind)}
    faults: list[str] = []
    known: dict[str, DocumentKnowledge] = {}
    for key, template in documents.items():
        file = DOCUMENT_TEMPLATES / template
        fields = None
        if file.exists():
            try:
                fields = compile_template(file.read_bytes(), file.stem).fields
            except TemplateError as error:
                faults.append(f"templates: {error}")
        known[key] = DocumentKnowledge(fields)
    limits = {rule.key for rule in rules if isinstance(rule, Limit)}
    declared = report(limits, _reminders(rules), known)
    return [*faults, *map(str, declared)]


def _reminders(rules: list[Rule]) -> set[str]:
    return {
        rule.key
        for rule in rules
        if isinstance(rule, KeySetting) and rule.key.startswith("reminder.")
    }
