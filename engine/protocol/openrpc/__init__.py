"""The OpenRPC document of some methods, its schemas and its examples."""
