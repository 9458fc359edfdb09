"""Entering afterwards (专项补录): what was done on paper in an outage, or before the system was."""
