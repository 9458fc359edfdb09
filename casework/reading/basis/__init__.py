"""What a decision rests on (决定依据单), read from the log that tells of it."""
