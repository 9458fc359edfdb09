"""What knows nothing of cases: texts, codes, dates, the database, problems."""
