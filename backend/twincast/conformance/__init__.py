"""Whether somebody's backend or client speaks `twincast.v1`: `python -m twincast.conformance`."""
