import { sizeIn } from "../../parts.mjs";

export async function POST(request) {
  return new Response(await sizeIn(request));
}
