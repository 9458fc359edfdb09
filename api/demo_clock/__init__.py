"""The calendar of a demo, which can be turned forward."""
