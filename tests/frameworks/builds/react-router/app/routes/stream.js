import { partStream } from "../../parts.mjs";

export const loader = () => new Response(partStream());
