export default defineEventHandler(async (event) => {
  const file = (await readFormData(event)).get("file");
  return String(file.size);
});
