/** What `--scale` finds out at many connections, in the order of the table, by row. */
export const scaleTitles: Readonly<Record<string, string>> = {
  opened: '10,000 connections: time to open all',
  opening: 'opening one, from 1,000 to 10,000 open: CPU of both ends',
  'heap-server': 'heap of one, server',
  'heap-clients': 'heap of one, client',
  'rss-server': 'resident memory of one, server',
  'rss-clients': 'resident memory of one, client',
  'idle-server': '10,000 idle with heartbeat every 25 s: CPU of the server',
  'idle-clients': '10,000 idle with heartbeat every 25 s: CPU of all clients',
  'broadcast-1000': 'broadcast 1 → 1,000: CPU of the server per recipient',
  'broadcast-1000-time': 'broadcast 1 → 1,000: until the last one has it',
  'broadcast-10000': 'broadcast 1 → 10,000: CPU of the server per recipient',
  'broadcast-10000-time': 'broadcast 1 → 10,000: until the last one has it',
  subscribing: '10,000 subscribe to one topic: time until all are live',
  'publish-10000': 'publish 1 → 10,000 subscribers: CPU of the server per delivery',
  'publish-10000-time': 'publish 1 → 10,000 subscribers: until the last one has it',
  'publish-10': 'publish 1 → 10,000 × 10 in one tick: CPU of the server per delivery',
  'publish-topics': 'publish to each of 100 topics with 100 subscribers in one tick: CPU of the server per delivery',
  'listening, at once': 'server killed, no spread: until the next one listens',
  'half back, at once': 'server killed, no spread: until half of 10,000 are back',
  'all back, at once': 'server killed, no spread: until all are back',
  'tries, median, at once': 'server killed, no spread: tries of one client, median',
  'tries, most, at once': 'server killed, no spread: tries of one client, most',
  'sessions lost, at once': 'server killed, no spread: sessionLost told to each client',
  'listening, spread': 'server killed, spread of 13 s: until the next one listens',
  'half back, spread': 'server killed, spread of 13 s: until half of 10,000 are back',
  'all back, spread': 'server killed, spread of 13 s: until all are back',
  'tries, median, spread': 'server killed, spread of 13 s: tries of one client, median',
  'tries, most, spread': 'server killed, spread of 13 s: tries of one client, most',
  'sessions lost, spread': 'server killed, spread of 13 s: sessionLost told to each client',
};

/** What a curve shows, and what grows in it. */
export const curveTitles: Readonly<Record<string, { readonly title: string; readonly grows: string }>> = {
  broadcast: { title: 'broadcast, CPU of the server per recipient', grows: 'connections' },
  publish: { title: 'publish, CPU of the server per delivery', grows: 'subscribers of 10,000 connections' },
  call: { title: 'call, 64 in flight, CPU of both ends', grows: 'connections' },
  size: { title: 'message client → server, CPU of both ends', grows: 'bytes' },
  names: { title: 'message client → server, CPU of both ends', grows: 'names with a handler' },
};

/** What the contestants are called. */
export const contestants: Readonly<Record<string, string>> = { floor: 'raw ws', hawser: 'Hawser' };
