"""A case as it stood at the end of a day (历史状态), led to by its own log."""
