"""`python main.py`, or any ASGI server with `main:app`."""

from twincast.serve import app_from_environment, run

app = app_from_environment()
if __name__ == "__main__":
    run(app)
