"""What is asked of every version of a step, from this release on."""
