"""A whole chain as one flat table: a row is a point of sale with its store. docs/import.md describes it."""
