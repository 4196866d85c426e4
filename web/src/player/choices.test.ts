import { describe, expect, it } from 'vitest';
import { Choices } from './choices';

function shelf() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => void items.set(name, text),
    removeItem: (name: string) => void items.delete(name),
  };
}

describe('a choice', () => {
  it('is there in the next visit', () => {
    const store = shelf();
    const choices = new Choices(store, () => true);
    expect([choices.language, choices.volunteers]).toEqual([null, true]);
    choices.keepLanguage('fa');
    choices.keepVolunteers(false);
    const again = new Choices(store, () => true);
    expect([again.language, again.volunteers]).toEqual(['fa', false]);
    again.keepVolunteers(true);
    expect([...store.items]).toEqual([['huma:language', 'fa']]);
  });

  it('leaves no trace where none is wanted', () => {
    const store = shelf();
    let kept = true;
    const choices = new Choices(store, () => kept);
    choices.keepLanguage('fa');
    choices.keepVolunteers(false);
    kept = false;
    choices.forget();
    choices.keepLanguage('en');
    choices.keepVolunteers(false);
    expect(store.items.size).toBe(0);
  });

  it('lasts as long as the page where the browser denies storage', () => {
    const denied = { getItem: () => null, setItem: () => { throw new Error('denied'); }, removeItem: () => { throw new Error('denied'); } };
    for (const store of [null, denied]) {
      const choices = new Choices(store, () => true);
      choices.keepLanguage('fa');
      choices.keepVolunteers(true);
      choices.forget();
      expect([choices.language, choices.volunteers]).toEqual([null, true]);
    }
  });
});
