"""What every route stands on: who asks, bodies, errors, security."""
