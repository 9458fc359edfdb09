"""How what the house does by itself stands, and running, resting and trying again."""
