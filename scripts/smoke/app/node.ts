import { createServer } from '@hawser/server';
import { contract } from './browser.js';

export const server = createServer({ contract, authenticate: 'none' }).implement({ double: ({ n }) => ({ n: n * 2 }) });
// @ts-expect-error every call of the contract needs its handler
createServer({ contract, authenticate: 'none' }).implement({});
