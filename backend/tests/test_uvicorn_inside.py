"""What leans on the inside of uvicorn, so that an upgrade that takes it away is noticed here first."""

import ast
import inspect
from importlib.metadata import version
from pathlib import Path

from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.server import ServerProtocol

from twincast.server import direct_websocket

BACKEND = Path(__file__).parents[1]


def test_the_websocket_class_uses_one_method_and_two_attributes() -> None:
    tree = ast.parse(inspect.getsource(direct_websocket))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_self(node.value)}
    overridden = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    asyncios_own = {"connection_lost"}
    assert used - asyncios_own == {"transport", "conn", "handle_bytes"}
    assert overridden - asyncios_own == {"handle_bytes"}
    assert list(inspect.signature(WebSocketsSansIOProtocol.handle_bytes).parameters) == ["self", "event"]
    assert "self.conn = ServerProtocol(" in inspect.getsource(WebSocketsSansIOProtocol.__init__)
    assert callable(ServerProtocol.receive_eof)
    assert "self.transport = transport" in inspect.getsource(WebSocketsSansIOProtocol.connection_made)


def test_it_is_the_only_module_that_knows_uvicorns_protocols() -> None:
    imports = {
        (path.name, node.module)
        for path in (BACKEND / "twincast").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("uvicorn.protocols.")
    }
    assert imports == {
        ("direct_websocket.py", "uvicorn.protocols.websockets.websockets_sansio_impl"),
        ("bounded_connection.py", "uvicorn.protocols.http.auto"),
    }


def test_protocols_are_made_and_ended_as_uvicorns_server_does_it() -> None:
    parameters = inspect.signature(AutoHTTPProtocol.__init__).parameters
    assert {"config", "server_state", "app_state", "_loop"} <= parameters.keys()
    assert isinstance(ServerState().connections, set)
    for protocol in (AutoHTTPProtocol, WebSocketsSansIOProtocol):
        assert callable(getattr(protocol, "shutdown", None))


def test_the_tests_ran_against_the_pinned_uvicorn() -> None:
    assert f"uvicorn=={version('uvicorn')}" in (BACKEND / "requirements.txt").read_text()


def _is_self(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "self") or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )
