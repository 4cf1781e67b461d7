"""Rows as CSV for spreadsheets, streamed: a million of them take no more memory than a hundred."""
