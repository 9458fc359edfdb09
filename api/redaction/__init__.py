"""Redaction (删除个人信息): taking personal data out of a case that has ended."""
