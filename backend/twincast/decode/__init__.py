"""Chunks as pictures and PCM: a sink to derive from. It needs PyAV and NumPy, which the server itself does without."""

try:
    import av
    import numpy as np
except ImportError as error:
    raise ImportError(
        f"twincast.decode needs PyAV and NumPy ({error}). In the repository: pip install -r"
        " backend/requirements-extras.txt. Elsewhere: pip install av numpy."
    ) from error

from twincast.decode.sink import DecodeSink, Picture, Sound

del av, np

__all__ = ["DecodeSink", "Picture", "Sound"]
