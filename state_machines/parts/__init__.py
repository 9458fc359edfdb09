"""What several procedures share: intake, delivery, hearing, review, panel, remedies."""
