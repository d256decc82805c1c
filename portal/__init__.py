"""The portal: the ledger, the doors, and everything that needs the outside world."""
