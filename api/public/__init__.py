"""What anybody may see: tracking, verification, the guide."""
