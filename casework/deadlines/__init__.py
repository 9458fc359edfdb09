"""Days that matter: the next day of a party, late duties, recounting by a new calendar."""
