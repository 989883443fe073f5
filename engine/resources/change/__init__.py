"""Values in: what was sent, the record that a key stands for, and what is written."""
