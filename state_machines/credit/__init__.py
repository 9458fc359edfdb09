"""The way back to good credit: repair, objection, training, talk; ratings."""
