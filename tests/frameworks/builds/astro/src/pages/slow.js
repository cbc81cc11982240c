import { slowly } from "../../parts.mjs";

export const GET = async () => new Response(await slowly());
