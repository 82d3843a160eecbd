import type { Retain, Schema, SchemaIn, SchemaOut, TopicDef } from '../definitions.ts';
import { topicInteraction } from './topic-interaction.ts';

/**
 * Declares data that the server publishes to everybody who subscribed, one topic for each value of `params`.
 *
 * @param options - shapes of `params` (absent: one topic) and `data` (absent: none); how many messages the server `retain`s
 * for those who come later; and `conflate`, which names what a message is about: of those that wait for a slow reader only
 * the latest about the same thing is kept
 */
export function topic<P extends Schema | undefined = undefined, D extends Schema | undefined = undefined>(options: {
  readonly params?: P;
  readonly data?: D;
  readonly retain?: Retain;
  readonly conflate?: (data: SchemaIn<NoInfer<D>>) => string;
}): TopicDef<SchemaIn<P>, SchemaOut<P>, SchemaIn<D>, SchemaOut<D>> {
  return { kind: 'topic', '~run': topicInteraction, ...options } as never;
}
