"""What is known of each stream, and what sinks are told of it. Pure."""
