import { partStream } from "../../../parts.mjs";

export function GET() {
  return new Response(partStream());
}
