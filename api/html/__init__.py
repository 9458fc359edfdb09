"""What every page stands on: the site, forms from schemas, letters, questions."""
