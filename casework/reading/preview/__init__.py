"""What a step would bring about (预演): taken and rolled back, it does nothing."""
