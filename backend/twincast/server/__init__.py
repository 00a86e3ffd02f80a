"""Sockets and HTTP: from a connection to a stream and back."""
