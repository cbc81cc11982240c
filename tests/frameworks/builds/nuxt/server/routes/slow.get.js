import { slowly } from "../../parts.mjs";

export default defineEventHandler(() => slowly());
