"""The forecourt board: how every point of sale of a store stands, right now."""
