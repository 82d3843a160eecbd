import type { Codec } from '@hawser/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rawConnect } from '../test/support/raw-client.ts';
import { until } from '../test/support/until.ts';
import { createServer } from './create-server.ts';
import { jsonCodec } from './index.ts';
import { alarm, fleet, idleHandlers } from '../test/stage/fleet.ts';
import { Stage } from '../test/stage/stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

it('reaches every client with one encoding', async () => {
  let encodings = 0;
  const counting: Codec = {
    ...jsonCodec,
    encodeFrame: (frame) => {
      if (frame[0] === 1) encodings += 1;
      return jsonCodec.encodeFrame(frame);
    },
  };
  const server = createServer({ contract: fleet, authenticate: 'none', codecs: [counting] }).implement(idleHandlers);
  const port = await stage.serve(server);
  const heard: string[] = [];
  const clients = Array.from({ length: 20 }, () => stage.client(port));
  for (const client of clients) client.on('alarm', ({ text }) => heard.push(text));
  await Promise.all(clients.map((client) => client.connect()));
  server.broadcast('alarm', alarm('fire'));
  await until('all heard', () => heard.length === 20);
  expect(encodings).toBe(1);
});

it('skips a client that takes only smaller messages, and says so', async () => {
  const server = createServer({ contract: fleet, authenticate: 'none' }).implement(idleHandlers);
  const port = await stage.serve(server);
  const problems: string[] = [];
  server.onProblem(({ kind, name, error }) => problems.push(`${kind} ${name} ${error.code}`));
  const narrow = await rawConnect({ port, path: '/ws', protocol: 'hawser.1.json' });
  narrow.send('[0,0,[32,{"v":0,"caps":[],"lim":{"frame":1024,"msg":1024,"inflight":8}}]]');
  await narrow.next();
  const client = stage.client(port);
  const heard: number[] = [];
  client.on('alarm', ({ text }) => heard.push(text.length));
  await client.connect();
  server.broadcast('alarm', alarm('x'.repeat(2_000)));
  server.broadcast('alarm', alarm('short'));
  await until('both heard', () => heard.length === 2);
  expect(heard).toEqual([2_000, 5]);
  expect(await narrow.next()).toContain('short');
  expect(problems).toEqual(['dropped alarm TOO_LARGE']);
  narrow.socket.destroy();
});

it('is checked against the contract when the option says so', async () => {
  const server = stage.use(
    createServer({ contract: fleet, authenticate: 'none', validate: 'both' }).implement(idleHandlers),
  );
  // @ts-expect-error the level is unknown
  const wrong = (): void => server.broadcast('alarm', { ...alarm('x'), level: 'mild' });
  expect(wrong).toThrow('"alarm" was not sent, it does not match the contract');
});
