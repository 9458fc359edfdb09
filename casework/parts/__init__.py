"""What several procedures share, as far as it needs the database."""
