import { explain } from '../../shared/explain.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { systemError } from '../../shared/errors.ts';
import { Subscriptions } from '../../messaging/subscriptions.ts';
import { Kind } from '../../wire/frame.ts';
import { maxTopicParams } from '../../wire/limits.ts';
import type { TopicDef } from '../definitions.ts';
import type { Interaction } from '../interaction.ts';
import type { PeerHost } from '../peer-host.ts';
import { checkOutbound } from '../validate.ts';
import { SharedTopic, type SharedTopics } from './shared-topic.ts';

/** The topics in use at each end, by name and parameters. */
const inUse = new WeakMap<object, SharedTopics>();

/** Topics: the server publishes, whoever subscribed is told. */
export const topicInteraction: Interaction = {
  begin: topic,
};

function topic(host: PeerHost, name: string, def: TopicDef, input: unknown): SharedTopic {
  const { endpoint, validation } = host;
  // Not before somebody subscribes: most connections of a process may have nothing to do with topics.
  endpoint.topics ??= new Subscriptions(endpoint);
  const { codec } = endpoint.options;
  checkOutbound(validation === 'both', name, def.params, input);
  // As the other end will read them: the caller may go on using its object, and equal values look the same.
  const frame = codec.encodeFrame([Kind.subscribe, 1, name, def.params && input]);
  const [, , [, , , params]] = codec.decode(codec.encodePacket(0, 0, [frame])) as [0, 0, unknown[]];
  const text = canonicalJson(params ?? undefined);
  if (text.length > maxTopicParams) {
    const why = explain && `The parameters of "${name}" take ${text.length} characters, ${maxTopicParams} are allowed.`;
    throw systemError('TOO_LARGE', why);
  }
  const topics = inUse.get(endpoint) ?? new Map<string, SharedTopic>();
  inUse.set(endpoint, topics);
  // Names have no line breaks.
  const key = `${name}\n${text}`;
  return topics.get(key) ?? new SharedTopic(host, topics, key, name, def, params);
}
