import type { Client, ConnectionState, ErrorOf, SystemError } from '@hawser/core';
import { catchError, EMPTY, filter, map, type Observable, type Observer, switchMap } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Fleet } from '../test/fleet.ts';
import { type Rx, toRx } from './index.ts';

declare const client: Client<Fleet>;
const rx = toRx(client);

describe('toRx', () => {
  test('infers the contract from the client', () => {
    expectTypeOf(rx).toEqualTypeOf<Rx<Fleet>>();
  });

  test('state$ carries the state union', () => {
    expectTypeOf(rx.state$).toEqualTypeOf<Observable<ConnectionState>>();
  });

  test('messages$ is a union on type that can be closed, without calls', () => {
    rx.messages$.subscribe((m) => {
      expectTypeOf(m).not.toBeAny();
      switch (m.type) {
        case 'alarm':
          return m.data.text;
        case 'reading':
          return m.data.celsius;
        case 'maintenance':
          return m.data.at.getTime();
        default:
          return m satisfies never;
      }
    });
    rx.messages$.subscribe((m) => {
      // @ts-expect-error the server calls `reboot`, it does not send it
      if (m.type === 'reboot') return;
    });
    rx.messages$.subscribe((m) => {
      if (m.type === 'alarm') return;
      // @ts-expect-error two messages are left
      m satisfies never;
    });
  });

  test('message$ has what the schema makes of the data', () => {
    expectTypeOf(rx.message$('maintenance')).toEqualTypeOf<Observable<{ at: Date }>>();
    expectTypeOf(rx.message$('alarm')).toEqualTypeOf<Observable<{ level: 'warn' | 'crit'; text: string }>>();
    // @ts-expect-error no such message
    rx.message$('alarms');
    // @ts-expect-error only clients send it
    rx.message$('heartbeat');
    // @ts-expect-error a call is not a message
    rx.message$('reboot');
  });

  test('call$ takes what call takes and gives the answer', () => {
    expectTypeOf(rx.call$('whoami')).toEqualTypeOf<Observable<{ user: string }>>();
    expectTypeOf(rx.call$('setThreshold', { deviceId: 'd1', max: 1 })).toEqualTypeOf<
      Observable<{ appliedAt: number }>
    >();
    rx.call$('whoami', undefined, { timeout: 1_000 });
    rx.call$('setThreshold', { deviceId: 'd1', max: 1 }, { idempotencyKey: 'edit-42' });
    // @ts-expect-error input is needed
    rx.call$('setThreshold');
    // @ts-expect-error input is checked
    rx.call$('setThreshold', { deviceId: 'd1', max: '1' });
    // @ts-expect-error no input is taken
    rx.call$('whoami', { deviceId: 'd1' });
    // @ts-expect-error the server makes this call
    rx.call$('reboot', { delaySec: 1 });
    // @ts-expect-error a message is not a call
    rx.call$('heartbeat', { battery: 1 });
    // @ts-expect-error options are checked
    rx.call$('whoami', undefined, { timeot: 1_000 });
  });

  test('the errors of call$ have a name to give them', () => {
    rx.call$('setThreshold', { deviceId: 'd1', max: 1 }).pipe(
      catchError((error: ErrorOf<Fleet, 'setThreshold'>) => {
        if (error.code === 'UNKNOWN_DEVICE') expectTypeOf(error.data).toEqualTypeOf<{ deviceId: string }>();
        return EMPTY;
      }),
    );
  });

  test('sink observes what send takes', () => {
    expectTypeOf(rx.sink('heartbeat')).toEqualTypeOf<Observer<{ battery: number }>>();
    expectTypeOf(rx.sink('ping')).toEqualTypeOf<Observer<undefined>>();
    rx.sink('heartbeat', { whenOffline: 'drop', onError: (e) => expectTypeOf(e).toEqualTypeOf<SystemError>() });
    // @ts-expect-error only the server sends it
    rx.sink('alarm');
    // @ts-expect-error a call cannot be sent
    rx.sink('whoami');
    // @ts-expect-error values are checked
    rx.state$.subscribe(rx.sink('heartbeat'));
    // @ts-expect-error options are checked
    rx.sink('heartbeat', { whenOffline: 'later' });
  });

  test('operators infer through', () => {
    const applied$ = rx.message$('alarm').pipe(
      filter((a) => a.level === 'crit'),
      switchMap((a) => rx.call$('setThreshold', { deviceId: a.text, max: 60 })),
      map((r) => r.appliedAt),
    );
    expectTypeOf(applied$).toEqualTypeOf<Observable<number>>();
  });
});
