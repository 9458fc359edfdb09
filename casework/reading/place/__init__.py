"""A place as anybody reads it by the code on its wall (一码通)."""
