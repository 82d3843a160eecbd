import { readFileSync } from 'node:fs';

/** One fenced block of a document. */
export interface Sample {
  /** Document, relative to the root. */
  readonly document: string;
  /** From the first line, `// name.ts`; numbered where there is none. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** Line of the document where the block begins. */
  readonly line: number;
}

/** The fenced blocks of a Markdown document in one of these languages. */
export function samplesOf(root: string, document: string, languages: readonly string[]): Sample[] {
  const text = readFileSync(root + document, 'utf8');
  const samples: Sample[] = [];
  for (const match of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, language = '', code = ''] = match;
    if (!languages.includes(language)) continue;
    const line = text.slice(0, match.index).split('\n').length;
    const named = /^\/\/ (?:file: )?(\S+\.tsx?)\n/.exec(code)?.[1];
    samples.push({ document, name: named ?? `sample-${line}.${language}`, language, code, line });
  }
  return samples;
}
