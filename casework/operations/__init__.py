"""Running the house: migrations, sweeps, channels, the embedded database."""
