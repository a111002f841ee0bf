// Makes the calls that stand in a list on stdin with GOV.UK Notify's own
// client, and writes what came of each to stdout. A call is
// {name, url, key, call, args}; "$a.id" among the args is what came of call a.
import { NotifyClient } from "notifications-node-client";

const read = async () => {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
};

const came = {};
const filledIn = (value) => {
  const m = typeof value === "string" && /^\$([\w-]+)\.(.+)$/.exec(value);
  return m ? m[2].split(".").reduce((v, k) => v[k], came[m[1]].data) : value;
};

for (const { name, url, key, call, args } of await read()) {
  try {
    const { status, data } = await new NotifyClient(url, key)[call](...args.map(filledIn));
    came[name] = { name, status, data };
  } catch (e) {
    if (!e.response) came[name] = { name, status: 0, data: String(e.message ?? e) };
    else came[name] = { name, status: e.response.status, data: e.response.data };
  }
}
process.stdout.write(JSON.stringify(Object.values(came)));
