import { slowly } from "../../parts.mjs";

export const loader = async () => new Response(await slowly());
