"""What has to be published, when and where it was, and its withdrawal."""
