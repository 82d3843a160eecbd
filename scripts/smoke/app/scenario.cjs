// One message and one call over a real socket, then everything closes. Runs with the packages as ESM and as CommonJS.
const { createServer: createHttp } = require('node:http');
const { once } = require('node:events');

module.exports = async function scenario({ core, server: serverPackage, rx, react, zod: z }) {
  const { call, createClient, defineContract, message } = core;
  for (const [name, value] of Object.entries({ toRx: rx.toRx, bindHooks: react.bindHooks })) {
    if (typeof value !== 'function') throw new Error(`${name} is not exported`);
  }

  const contract = defineContract({
    id: 'hawser.smoke/1',
    clientToServer: {
      note: message(z.object({ text: z.string() })),
      double: call({ input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
    },
  });

  const server = serverPackage
    .createServer({ contract, authenticate: 'none' })
    .implement({ double: ({ n }) => ({ n: n * 2 }) });
  const http = createHttp();
  server.attach(http, { path: '/ws' });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  const noted = new Promise((resolve) => {
    server.on('note', resolve);
  });
  const client = createClient({ contract, url: `ws://127.0.0.1:${http.address().port}/ws` });
  await client.connect();
  client.send('note', { text: 'hello' });
  const { text } = await noted;
  if (text !== 'hello') throw new Error(`the note says ${text}`);
  const { n } = await client.call('double', { n: 21 });
  if (n !== 42) throw new Error(`twice 21 is ${n}`);

  await client.close();
  await server.close();
  http.close();
  // No process.exit: a timer or a socket left behind keeps the process, and the runner notices.
  console.log('scenario done');
};
