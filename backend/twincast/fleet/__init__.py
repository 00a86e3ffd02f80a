"""The log of a fleet of backends in Redis or Valkey: what a stream was, for every process that goes on with it."""
