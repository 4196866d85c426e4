/** For tests: what a pair of dictionaries leaves unsaid. */
import type { CommonWords } from './en';

const FARSI = /[\u0600-\u06ff]/;
const ALWAYS_ALIKE = ['dir', 'locale', 'otherName', 'comma'];

function sentences(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([name, said]): [string, string][] => {
    const here = `${path}${name}`;
    if (typeof said === 'string') return [[here, said]];
    if (typeof said === 'function') return [[here, String((said as (...parts: string[]) => unknown)('1', '2', '3'))]];
    return sentences(said as object, `${here}.`);
  });
}

/** Names of sentences that one of them lacks, or that are in the other's language. */
export function unsaid(en: CommonWords, fa: CommonWords, alike: readonly string[] = []): string[] {
  const skipped = new Set([...ALWAYS_ALIKE, ...alike]);
  const [english, farsi] = [new Map(sentences(en)), new Map(sentences(fa))];
  return [
    ...[...english].filter(([name, text]) => !skipped.has(name) && (FARSI.test(text) || text.trim() === '')).map(([name]) => `en ${name}`),
    ...[...farsi].filter(([name, text]) => !skipped.has(name) && !FARSI.test(text)).map(([name]) => `fa ${name}`),
    ...[...english.keys()].filter((name) => !farsi.has(name)).map((name) => `fa lacks ${name}`),
    ...[...farsi.keys()].filter((name) => !english.has(name)).map((name) => `en lacks ${name}`),
  ];
}
