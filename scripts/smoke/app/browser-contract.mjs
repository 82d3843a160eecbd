import { call, defineContract, message } from '@hawser/core';
import * as z from 'zod';

export const contract = defineContract({
  id: 'hawser.smoke.browser/1',
  clientToServer: {
    cut: message(),
    double: call({ input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
  },
});
