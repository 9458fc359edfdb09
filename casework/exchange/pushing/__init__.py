"""Pushing (对外推送): decisions go to platforms, receipts come back, both are compared."""
