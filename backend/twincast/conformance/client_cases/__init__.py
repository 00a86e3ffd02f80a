"""What a client has to do: the run plays the backend, by a script for each of the client's lives."""
