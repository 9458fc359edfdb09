"""Changes of a party itself, as far as they need the database."""
