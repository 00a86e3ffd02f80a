"""The wire `twincast.v1` as plain data: what comes in, what goes out. Pure."""
