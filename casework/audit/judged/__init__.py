"""Principles of lawfulness that take a page each, told from a case's file (合法性原则核对)."""
