"""Days that matter: a party's next day, when duties were last done, counting by a new calendar."""
