"""The ledger of publication."""
