"""What tests share: a small town, its people, and the ordinary course of a case."""
