// Compiled without Node's types and without skipLibCheck: the declarations of core, rx and react must stand alone.
import { call, createClient, defineContract, message } from '@hawser/core';
import { bindHooks } from '@hawser/react';
import { toRx } from '@hawser/rx';
import * as z from 'zod';

export const contract = defineContract({
  id: 'hawser.smoke/1',
  clientToServer: {
    note: message(z.object({ text: z.string() })),
    double: call({ input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
  },
});

export const client = createClient({ contract, url: 'ws://localhost/ws' });
export const doubled: Promise<{ n: number }> = client.call('double', { n: 1 });
// @ts-expect-error the payload is checked
client.send('note', { text: 1 });
export const rx = toRx(client);
export const hooks = bindHooks<typeof contract>();
