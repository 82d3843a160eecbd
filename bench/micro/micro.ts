import { markdownTable } from '../report/table.ts';
import { nanosecondsOf } from './measure-loop.ts';

/** Prints what the parts cost in a warm loop: for finding out where to look, not for promises. */
export async function micro(): Promise<void> {
  const groups = {
    codec: (await import('./codec.ts')).codec,
    packet: (await import('./packet.ts')).packet,
    session: (await import('./session.ts')).session,
    dispatch: (await import('./dispatch.ts')).dispatch,
    validation: (await import('./validation.ts')).validation,
  };
  const body = Object.entries(groups).flatMap(([group, parts]) =>
    parts.map(({ name, run, per = 1 }) => [`${group}: ${name}`, (nanosecondsOf(run) / per).toFixed(0)]),
  );
  console.log(markdownTable(['one operation', 'ns'], body));
}
