import { sizeIn } from "../../parts.mjs";

export const POST = async ({ request }) => new Response(await sizeIn(request));
