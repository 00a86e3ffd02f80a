"""Who may connect, and how much. Pure."""
