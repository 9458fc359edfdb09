"""Who sees what, and finding it: readers, masking, search."""
