"""The law: what each procedure allows, as declarations and pure guards.

`language` are the words of a declaration, `parts` what several procedures share; every other folder
is a topic. A process file reads like the procedure it models, with the article beside each rule. No
database, no clock and no HTTP in here; whatever a guard needs to know is handed to it. Imports
`rulebook` only.
"""
