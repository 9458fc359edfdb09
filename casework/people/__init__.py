"""Accounts, posts, parties and who acts for them."""
