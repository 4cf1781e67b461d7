"""Posters of a point of sale's QR code: one description of a page, and three writers that draw the same."""
