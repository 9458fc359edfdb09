"""The front door: the JSON API and the pages of each desk.

Turns requests into steps of `casework` and answers into JSON or HTML; it decides nothing about a
case. Asks Prefect through its REST interface and does not know `workflows`.
"""
