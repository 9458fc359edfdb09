"""What forms of radiation begin with."""
