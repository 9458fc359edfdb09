"""The one door: takes one step of one case in one transaction. It names no topic."""
