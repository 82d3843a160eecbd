import { describe, expect, it } from 'vitest';
import { originPolicy } from './origin-policy.ts';

describe('same-host', () => {
  const policy = originPolicy('same-host');
  it.each([
    ['https://example.com', 'example.com'],
    ['https://example.com', 'example.com:443'],
    ['http://example.com', 'example.com:80'],
    ['https://example.com', 'EXAMPLE.com'],
    ['http://localhost:5173', 'localhost:5173'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['https://xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    [undefined, 'example.com'],
    [undefined, undefined],
  ])('lets %s in at %s', (origin, host) => {
    expect(policy(origin, host)).toBe(true);
  });

  it.each([
    ['null', 'example.com'],
    ['null', 'null'],
    ['', 'example.com'],
    ['https://example.com', undefined],
    ['https://example.com', ''],
    ['https://evil.org', 'example.com'],
    ['https://example.com.evil.org', 'example.com'],
    ['https://evil-example.com', 'example.com'],
    ['https://app.example.com', 'example.com'],
    ['https://example.com:8443', 'example.com'],
    ['https://example.com', 'example.com:8443'],
    ['http://example.com', 'example.com:443'],
    ['https://example.com@evil.org', 'example.com'],
    ['https://evil.org', 'example.com@evil.org/'],
    ['https://example.com/', 'example.com'],
    ['HTTPS://EXAMPLE.COM', 'example.com'],
    ['https://münchen.example', 'xn--mnchen-3ya.example'],
    ['https://example.com, https://evil.org', 'example.com'],
    ['file://', ''],
    ['chrome-extension://abcdef', 'abcdef'],
  ])('keeps %s out at %s', (origin, host) => {
    expect(policy(origin, host)).toBe(false);
  });
});

describe('a list', () => {
  const policy = originPolicy([
    'https://app.example.com',
    'http://localhost:5173',
    'HTTPS://Upper.Example.com:443',
    'https://münchen.example',
    'capacitor://localhost',
    'chrome-extension://ABCDEF',
  ]);
  it.each([
    'https://app.example.com',
    'http://localhost:5173',
    'https://upper.example.com',
    'https://xn--mnchen-3ya.example',
    'capacitor://localhost',
    'chrome-extension://abcdef',
    undefined,
  ])('lets %s in, whatever the host', (origin) => {
    expect(policy(origin, 'elsewhere.example')).toBe(true);
  });

  it.each([
    'null',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.org',
    'https://example.com',
    'https://APP.example.com',
    'http://localhost',
    'http://localhost:5174',
    'capacitor://localhost.evil.org',
  ])('keeps %s out, even on the same host', (origin) => {
    expect(policy(origin, 'app.example.com')).toBe(false);
  });

  it.each([
    'null',
    '*',
    'https://*.example.com/',
    'app.example.com',
    'https://app.example.com/path',
    'https://app.example.com?x',
    'https://user@app.example.com',
    '',
    42,
    undefined,
  ])('may not contain %s', (entry) => {
    expect(() => originPolicy([entry as string])).toThrow(
      `\`allowedOrigins\` contains ${JSON.stringify(entry)}; it takes origins such as`,
    );
  });

  it('that is empty keeps every page out', () => {
    expect(originPolicy([])('https://app.example.com', 'app.example.com')).toBe(false);
    expect(originPolicy([])(undefined, 'app.example.com')).toBe(true);
  });
});

it('any lets every page in, even one without an origin of its own', () => {
  const policy = originPolicy('any');
  expect([policy('null', 'a'), policy('https://evil.org', 'a'), policy(undefined, undefined)]).toEqual([
    true,
    true,
    true,
  ]);
});

it('takes nothing else', () => {
  expect(() => originPolicy('https://app.example.com' as 'any')).toThrow(
    "`allowedOrigins` is https://app.example.com; it takes a list of origins, 'same-host' or 'any'.",
  );
});
