export default defineWebSocketHandler({
  message: (peer, message) => void peer.send(message.text()),
});
