"""A platform to push to (演示平台): a small real server that takes decisions."""
