"""Parts that have pages of their own: evidence, what tells two acts apart."""
