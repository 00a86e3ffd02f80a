"""How many phones one process holds, beside the simplest servers that could do the same."""
