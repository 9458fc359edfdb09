"""An adversary who walks through the cases of a town, and what came of each of his moves."""
