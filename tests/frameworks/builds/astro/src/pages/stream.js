import { partStream } from "../../parts.mjs";

export const GET = () => new Response(partStream());
