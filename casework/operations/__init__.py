"""Running the house: migrations, channels, the embedded database."""
