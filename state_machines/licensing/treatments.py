"""What a kind of place needs (场所类别的管理方式): by which process it is licensed or filed."""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from state_machines.licensing.place_filing.process import PLACE_FILING

# By its treatment in the rulebook; what is not here is not begun here.
PLACE_PROCESSES: Mapping[str, str] = {"licence": INSTANT_LICENCE.key, "filing": PLACE_FILING.key}
