import { partStream } from "../../parts.mjs";

export const dynamic = "force-dynamic";

export function GET() {
  return new Response(partStream());
}
