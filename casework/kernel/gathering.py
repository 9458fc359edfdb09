"""The shape of gatherers: a topic maps each type of fact to the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casework.acts.act import Act

Gatherers = Mapping[type, Callable[[Act], Any]]
