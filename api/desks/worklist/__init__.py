"""Work lists (工作列表): what waits, all cases, and taking a list along."""
