"""A party that goes on under another code."""
