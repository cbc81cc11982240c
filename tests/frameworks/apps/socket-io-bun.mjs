import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { listenTo, OPTIONS } from "./socket-io-events.mjs";

const io = new Server({ connectionStateRecovery: {} });
const engine = new Engine({ path: "/socket.io/", ...OPTIONS });
io.bind(engine);
listenTo(io);

export default { port: 3000, ...engine.handler() };
