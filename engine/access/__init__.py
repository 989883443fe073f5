"""Who may do what: credentials, the form of tokens, scopes, origins, networks. Pure Python."""
