"""The law: one file per process, declarations and pure guards.

A process file reads like the procedure it models, with the article beside each rule. No database,
no clock and no HTTP in here; whatever a guard needs to know is handed to it. Imports `rulebook`
only.
"""
