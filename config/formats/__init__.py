"""How dates and times are written, language by language: each in one way, wherever they stand."""
