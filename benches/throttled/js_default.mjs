// Creates many contacts at once with the JavaScript SDK's default retries:
// `node js_default.mjs URL COUNT`. Each create has a client of its own.
import { CreateContactCommand, SSMContactsClient } from "@aws-sdk/client-ssm-contacts";

const [url, count] = [process.argv[2], Number(process.argv[3])];
const began = Date.now();
const create = async (number) => {
  const client = new SSMContactsClient({ endpoint: url, region: "us-east-2" });
  try {
    await client.send(new CreateContactCommand({ Alias: `js-${number}`, Type: "PERSONAL", Plan: { Stages: [] } }));
    return 1;
  } catch (error) {
    if (error.name !== "ThrottlingException") throw error;
    return 0;
  }
};
const results = await Promise.all(Array.from({ length: count }, (_, number) => create(number)));
const succeeded = results.reduce((sum, one) => sum + one, 0);
console.log(`| ${count} | JavaScript SDK, default retries | ${succeeded} | ${Math.round((Date.now() - began) / 1000)} s |`);
