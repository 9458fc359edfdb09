"""Running the house: migrations, backups, channels, the embedded database."""
