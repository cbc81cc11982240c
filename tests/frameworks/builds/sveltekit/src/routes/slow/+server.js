import { slowly } from "../../../parts.mjs";

export async function GET() {
  return new Response(await slowly());
}
