"""The review: targets, new cases, the two numbers, priorities, actions."""
