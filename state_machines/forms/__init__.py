"""Input forms of steps, one file per process; titles are what a person reads on the page."""
