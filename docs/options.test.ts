import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const groups = [
  ['createClient', 'packages/core/src/client/options.ts', 'ClientOptions'],
  ['createClient, `reconnect`', 'packages/core/src/connection/retry-policy.ts', 'RetryPolicy'],
  ['createClient and createServer, `buffer`', 'packages/core/src/session/send-limits.ts', 'SendLimits'],
  ['createPool', 'packages/core/src/pool/options.ts', 'PoolOptions'],
  ['createPool, `sends`', 'packages/core/src/pool/options.ts', 'SendRate'],
  ['createPool, `dials`', 'packages/core/src/pool/options.ts', 'DialLimits'],
  ['createServer', 'packages/server/src/options.ts', 'ServerOptions'],
  ['createServer, `sessions`', 'packages/server/src/options.ts', 'SessionLimits'],
  ['createServer, `answers`', 'packages/server/src/options.ts', 'AnswerOptions'],
  ['createServer, `rates`', 'packages/server/src/options.ts', 'RateOptions'],
] as const;

/** One row per member of an interface: its sentence and its default, taken from the TSDoc. */
function rows(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(root + file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new Error(`${file} has no interface ${name}`);
  return found.members.map((member) => {
    const option = member.name?.getText(source) ?? '?';
    const [doc] = ts.getJSDocCommentsAndTags(member);
    const text = ts.getTextOfJSDocComment(doc?.comment) ?? '';
    const tag = ts.getJSDocTags(member).find((candidate) => candidate.tagName.text === 'defaultValue');
    const byDefault = tag === undefined ? 'required' : (ts.getTextOfJSDocComment(tag.comment) ?? '');
    expect(text, `${file}: ${option} needs a sentence`).not.toBe('');
    expect(tag !== undefined || member.questionToken === undefined, `${file}: ${option} needs @defaultValue`).toBe(
      true,
    );
    const cell = (value: string): string =>
      value
        .replaceAll(/\{@link (\w+)\}/g, '`$1`')
        .replaceAll(/\s+/g, ' ')
        .replaceAll('|', '\\|')
        .trim();
    return `| \`${option}\` | ${cell(text)} | ${cell(byDefault)} |`;
  });
}

it('documents every option', async () => {
  const sections = groups.map(([title, file, name]) =>
    [`## ${title}`, '', '| Option | What it does | Default |', '|---|---|---|', ...rows(file, name)].join('\n'),
  );
  const page = `# Options\n\nDurations in milliseconds, sizes in bytes. Generated from the source by its test.\n\n${sections.join('\n\n')}\n`;
  await expect(page).toMatchFileSnapshot('generated/options.md');
});
