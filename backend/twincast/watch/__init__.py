"""What viewers of a stream are told, and from where they can begin. Pure."""
