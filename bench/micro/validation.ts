import { readingOf, readingSchema } from '../compare/reading.ts';
import type { Part } from './part.ts';

const reading = readingOf(7);

/** What checking one payload costs. */
export const validation: readonly Part[] = [
  { name: 'zod safeParse', run: () => readingSchema.safeParse(reading) },
  { name: 'zod by Standard Schema', run: () => readingSchema['~standard'].validate(reading) },
];
