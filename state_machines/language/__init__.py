"""The words of a declaration, its canonical form, the builder, diagrams."""
