import { createClient } from '@hawser/core';
import { contract } from './browser-contract.mjs';

// The platform's own class, as in a browser: under this condition `ws` is a stub.
const client = createClient({ contract, url: process.argv[2], WebSocket: globalThis.WebSocket });
let resumed = false;
client.onState((now) => {
  if (now.status === 'connected' && now.resumed) resumed = true;
});
const wrong = await client.safeCall('nobody');
if (wrong.error?.code !== 'UNIMPLEMENTED' || !wrong.error.message.includes('see the errors')) {
  throw new Error(`this is not the build for production browsers: ${wrong.error?.message}`);
}
if ((await client.call('double', { n: 21 })).n !== 42) throw new Error('twice 21 is not 42');
client.send('cut');
while (!resumed) await new Promise((resolve) => setTimeout(resolve, 20));
if ((await client.call('double', { n: 4 })).n !== 8) throw new Error('twice 4 is not 8');
await client.close();
console.log('scenario done');
