/** Talks over a WebSocket, by the runtime's own class, which is loaded when it is first used. */
import type { Talk, TalkEvents } from "../../../src/runtime/runtime.ts";

export function converse(
  url: string,
  { onOpen, onText, onClose }: TalkEvents,
): Talk {
  const socket = new WebSocket(url);
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    onClose();
  };
  socket.onopen = () => onOpen();
  socket.onmessage = ({ data }) => {
    if (!over && typeof data === "string") onText(data);
  };
  socket.onerror = socket.onclose = end;
  return {
    send(text) {
      if (!over && socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      if (!over) socket.close();
    },
  };
}
