"""The back office: takes one case one step, in one transaction.

Models, clocks, documents, log, registers and duties. Users, flows and imports all come through
the same door, `advance`. Knows neither the web nor Prefect. Imports `state_machines` and
`rulebook`.
"""
