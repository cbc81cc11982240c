import { sizeIn } from "../../parts.mjs";

export const action = async ({ request }) =>
  new Response(await sizeIn(request));
