"""Every error of the HTTP part, as {code, message}."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from twincast.server.request_ids import current_request_id


class ApiError(HTTPException):
    """An HTTP error with a stable code and a sentence that says what to do."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.code = code


async def handle_error(_request: Request, error: Exception) -> JSONResponse:
    """Answers what a route raised."""
    return answer_error(error)


def answer_error(error: Exception) -> JSONResponse:
    """Every HTTP error as {code, message}."""
    match error:
        case RequestValidationError():
            problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return _problem(422, "bad-request", f"{problems}.")
        case ApiError():
            return _problem(error.status_code, error.code, error.detail, error.headers)
        case HTTPException():
            return _problem(
                error.status_code, error.detail.lower().replace(" ", "-"), f"{error.detail}.", error.headers
            )
        case _:
            # Starlette answers this one outside every middleware, so that its id is put here.
            headers = {"X-Request-Id": current_request_id()}
            return _problem(500, "internal", "A fault in the backend; its log has the request's id.", headers)


def _problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status, headers)
