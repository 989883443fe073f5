"""``execute_kw``'s way: any public method of any model, with the rights of one user."""
