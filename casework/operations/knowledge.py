"""What the house has by name (名称总表): all that declarations name and do not hold themselves.

Read from the shipped rulebook, the Word templates and the back office's own code, so that nothing
is listed twice. `nuoxin check` verifies the declarations against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from casework.common.fields_read import materials_of, reads_of
from casework.documents.contents import unsaid
from casework.documents.paper_parts import parts
from casework.kernel.carrying_out import CARRIED_OUT
from casework.kernel.facts import collectors
from casework.rules.rendering import TemplateError, compile_template, printed_text
from rulebook.models import DocumentContents, DocumentKind, KeySetting, Limit, Materials, Rule
from rulebook.tree import DOCUMENT_TEMPLATES
from state_machines.door.gates import GATES
from state_machines.licensing.treatments import PLACE_PROCESSES
from state_machines.parts.evidence.forms import Kind
from state_machines.verification import DocumentKnowledge, FactKnowledge, Knowledge

_PATTERNS = "documents.number_patterns"
_REMINDERS = "reminder."


def knowledge(rules: Iterable[tuple[str, Rule]]) -> tuple[Knowledge, list[str]]:
    """What there is by name, and what is wrong with templates that cannot be read.

    `rules` are the editions of the rulebook, each with its kind.
    """
    editions = list(rules)
    of: dict[str, set[str]] = {}
    for kind, rule in editions:
        of.setdefault(kind, set()).add(rule.key)
    settings = [rule for _, rule in editions if isinstance(rule, KeySetting)]
    documents, faults = _documents(rule for _, rule in editions if isinstance(rule, DocumentKind))
    faults += _unsaid(
        {rule.key: rule for _, rule in editions if isinstance(rule, DocumentKind)},
        [rule for _, rule in editions if isinstance(rule, DocumentContents)],
        documents,
    )
    series = {
        style.partition(".")[0]
        for rule in settings
        if rule.key == _PATTERNS and isinstance(rule.value, dict)
        for style in rule.value
    }
    materials: dict[str, set[str]] = {}
    for _, rule in editions:
        if isinstance(rule, Materials):
            materials.setdefault(rule.key, set()).update(item.key for item in rule.items)
    known = Knowledge(
        limits={rule.key for _, rule in editions if isinstance(rule, Limit)},
        reminders={rule.key for rule in settings if rule.key.startswith(_REMINDERS)},
        documents=documents,
        settings={rule.key for rule in settings},
        matters=of.get("matter", set()),
        materials=materials,
        place_kinds=of.get("place_kind", set()),
        credit_kinds=of.get("credit_item", set()),
        series=series,
        parts={name: part.known for name, part in parts().items()},
        facts=known_facts(),
        registers=of.get("register", set()),
        carried_out={kind.key() for kind in CARRIED_OUT},
        place_processes=PLACE_PROCESSES,
        evidence_kinds={kind.value for kind in Kind},
        gates=GATES,
    )
    return known, faults


def known_facts() -> dict[type, FactKnowledge]:
    """What each type of fact is collected from."""
    return {
        kind: FactKnowledge(reads_of(read), materials_of(read))
        for kind, read in collectors().items()
    }


def _unsaid(
    kinds: Mapping[str, DocumentKind],
    contents: Iterable[DocumentContents],
    documents: Mapping[str, DocumentKnowledge],
) -> Iterator[str]:
    """Compulsory contents of which a template says nothing, a line each."""
    for content in contents:
        if content.key not in kinds:
            yield f"rulebook/contents.toml: {content.key}, which the catalogue of documents lacks"
            continue
        fields = documents[content.key].template_fields
        if fields is None:
            continue  # without a template, or with one that cannot be read: told already
        file = DOCUMENT_TEMPLATES / kinds[content.key].template
        for missing in unsaid(content, fields, printed_text(file.read_bytes())):
            yield f"templates/docs/{file.name}: 必备内容 {missing}"


def _documents(
    kinds: Iterable[DocumentKind],
) -> tuple[dict[str, DocumentKnowledge], list[str]]:
    known: dict[str, DocumentKnowledge] = {}
    faults: list[str] = []
    for kind in kinds:
        file = DOCUMENT_TEMPLATES / kind.template
        fields = None
        if file.exists():
            try:
                fields = compile_template(file.read_bytes(), file.stem).fields
            except TemplateError as error:
                faults.append(f"templates/docs/{kind.template}: {error}")
        known[kind.key] = DocumentKnowledge(fields, kind.style, kind.matter, kind.label)
    return known, faults
