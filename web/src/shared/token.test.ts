import { describe, expect, it } from 'vitest';
import type { TokenPlace } from './token';
import { forgetToken, takeToken } from './token';

const TOKEN = 'RpslKwOWsNnFLNA-dDI6blTo_gFQN9Vg';

interface Tab extends TokenPlace {
  readonly shown: string[];
  readonly kept: Map<string, string>;
}

function aTab(hash: string, kept = new Map<string, string>()): Tab {
  const shown: string[] = [];
  return {
    shown,
    kept,
    location: { hash, pathname: '/', search: '?a=1' },
    history: { replaceState: (_data, _unused, url) => void shown.push(String(url)) },
    sessionStorage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    },
  };
}

describe('the token', () => {
  it('leaves the address bar, and is kept for this tab', () => {
    const tab = aTab(`#${TOKEN}`);
    expect(takeToken(tab)).toBe(TOKEN);
    expect(tab.shown).toEqual(['/?a=1']);
    expect(takeToken(aTab('', tab.kept))).toBe(TOKEN);
  });

  it('of a newer address takes the place of the kept one', () => {
    const { kept } = aTab('');
    takeToken(aTab(`#${TOKEN}`, kept));
    expect(takeToken(aTab(`#${'n'.repeat(32)}`, kept))).toBe('n'.repeat(32));
    expect(takeToken(aTab('', kept))).toBe('n'.repeat(32));
  });

  it('is forgotten when it is refused', () => {
    const tab = aTab(`#${TOKEN}`);
    takeToken(tab);
    forgetToken(tab);
    expect(takeToken(aTab('', tab.kept))).toBeNull();
  });

  it.each(['', '#', '#short', `#${TOKEN} `, `#${TOKEN}\r\nHost: x`, '#<script>alert(1)</script>', `#${'a'.repeat(257)}`])('is not %j', (hash) => {
    const tab = aTab(hash);
    expect(takeToken(tab)).toBeNull();
    expect(tab.shown).toEqual([]);
  });

  it('does without a storage where the browser has none', () => {
    const broken: TokenPlace = {
      ...aTab(`#${TOKEN}`),
      get sessionStorage(): Storage {
        throw new Error('SecurityError');
      },
    };
    expect(takeToken(broken)).toBe(TOKEN);
    expect(takeToken({ ...aTab(''), get sessionStorage(): Storage { throw new Error('SecurityError'); } })).toBeNull();
    expect(() => forgetToken(broken)).not.toThrow();
  });
});
