"""Accounts, log-in, parties and mandates."""
