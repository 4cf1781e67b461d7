"""What a user would otherwise build, to be measured beside ours. Each answers a poll with the same bytes."""
