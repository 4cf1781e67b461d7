"""Close of day and of shift: orders beside payments, refunds and what the pumps say; frozen when it is closed."""
