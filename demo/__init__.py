"""The demo city (演示城市): two districts, their staff and some fifty firms with a past.

Everything that happened to a case happened through `Office`, at its own time.
"""
