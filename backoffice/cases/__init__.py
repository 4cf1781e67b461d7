"""The attention queue: what waits for a person, what is proposed, and what became of it."""
