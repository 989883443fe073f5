"""What a call does to the transaction: savepoints, hooks, first statements, writes that happen once."""
