"""Credit files, ratings, repair, training and talks, as far as they need the database."""
