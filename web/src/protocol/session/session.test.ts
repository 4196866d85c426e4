import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Script, replay } from './script';

const FOLDER = new URL('../../../../vectors/session/', import.meta.url);
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe('a session does what Python’s does', () => {
  it('has scripts', () => expect(names.length).toBeGreaterThan(40));

  it.each(names)('%s', (name) => {
    const script = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf-8')) as Script;
    const { commands, view } = replay(script);
    script.steps.forEach(([, mono, event, expected], step) => {
      expect(commands[step], `${script.why} Step ${step} at ${mono}: ${JSON.stringify(event)}`).toEqual(expected);
    });
    expect(view).toEqual(script.view);
  });
});
