/** The plain receiver as a process of its own, for a namespace: a line with the time (ms) per message. */
import { startPlainReceiver } from "../support/plain-socket.ts";

const { HOST: host = "127.0.0.1", PORT: port = "0" } = process.env;
await startPlainReceiver(() => console.log(Date.now()), { host, port: Number(port) });
