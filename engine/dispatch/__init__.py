"""One call's way through the gateway: it knows the ORM, and no HTTP."""
