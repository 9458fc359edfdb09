"""What a demo would have sent, for everybody to see."""
