"""Prefect flows: what happens when nobody is at the desk.

A flow gives a sweep of `casework` its schedule, its retries, its concurrency limit and an
artifact that says what it did. Late, twice or not at all, a flow costs promptness only.
"""
