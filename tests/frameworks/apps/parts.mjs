/** What the apps answer with, by the clock. */

const encoder = new TextEncoder();

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Five parts with pauses, as text. */
export async function* parts() {
  for (let number = 0; number < 5; number++) {
    if (number > 0) await sleep(50);
    yield `part ${number}\n`;
  }
}

/** The same as a stream of bytes. */
export function partStream() {
  const all = parts();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await all.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
}

/** An answer that is still on its way when the server is told to end. */
export async function slowly() {
  console.log("slow begins");
  await sleep(1000);
  return "slow";
}

/** The size of what was uploaded as the field `file`. */
export async function sizeIn(request) {
  const file = (await request.formData()).get("file");
  return String(file.size);
}
