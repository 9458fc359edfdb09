"""Documents and files of a case."""
