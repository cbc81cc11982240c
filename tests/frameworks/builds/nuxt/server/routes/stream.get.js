import { partStream } from "../../parts.mjs";

export default defineEventHandler((event) => sendStream(event, partStream()));
