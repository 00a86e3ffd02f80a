"""Log lines, written by a thread of their own."""
