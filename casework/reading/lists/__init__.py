"""Lists of cases (案件列表): what is wanted of them, the ways through them, and their lines."""
