"""Names of steps that other code refers to: some process has such a step, on that form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from state_machines.language.step_names import StepName
from state_machines.language.vocabulary import Process
from state_machines.verification.findings import Finding


def check_step_names(
    modules: Iterable[ModuleType], processes: Mapping[str, Process]
) -> Iterator[Finding]:
    """Find the names of steps that these modules declare and no process has, or on no such form."""
    asked: dict[str, list[set[str]]] = defaultdict(list)
    for process in processes.values():
        for step in process.every_step:
            asked[step.name].append(set((step.form or {}).get("properties", ())))
    for module in modules:
        file = f"{module.__name__.replace('.', '/')}.py"
        for called, name in vars(module).items():
            if not isinstance(name, StepName) or name.former:
                continue
            if name not in asked:
                yield Finding(called, "unknown_step", f"no process has a step {name}", file)
            elif not any(set(name.form.model_fields) <= fields for fields in asked[name]):
                told = f"no step {name} is filled in on {name.form.__name__}"
                yield Finding(called, "step_form_differs", told, file)
