"""Licences of public places, as far as they need the database."""
