"""Licences of public places: application, licence, renewal, change, filing."""
