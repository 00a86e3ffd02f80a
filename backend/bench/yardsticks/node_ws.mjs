// The same with Node and ws.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  handleProtocols: () => "twincast.v1",
});

server.on("connection", (socket) => {
  let seq = 0;
  socket.on("message", (data, isBinary) => {
    if (!isBinary) return;
    const now = Date.now();
    process.stdout.write(`${now} seq ${seq} ${data.length} B\n`);
    socket.send(JSON.stringify({ type: "ack", seq, t: now }));
    seq += 1;
  });
});
