import { describe, expect, it } from 'vitest';
import { isSlateKey } from './keys';

const press = (key: string, more: object = {}) => ({ key, code: 'KeyS', repeat: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

describe('the key of the slate', () => {
  it('is S, capital or not, and its place on a Farsi keyboard', () => {
    expect(isSlateKey(press('s'), null)).toBe(true);
    expect(isSlateKey(press('S'), null)).toBe(true);
    expect(isSlateKey(press('س'), null)).toBe(true);
    expect(isSlateKey(press('s', { code: 'Semicolon' }), null)).toBe(true);
  });

  it('is no other letter that stands in that place', () => expect(isSlateKey(press('o'), null)).toBe(false));

  it.each(['repeat', 'ctrlKey', 'altKey', 'metaKey'])('is not meant with %s', (with_) => expect(isSlateKey(press('s', { [with_]: true }), null)).toBe(false));

  it('is not meant where one writes', () => {
    expect(isSlateKey(press('s'), { tagName: 'INPUT', type: 'text' })).toBe(false);
    expect(isSlateKey(press('s'), { tagName: 'TEXTAREA' })).toBe(false);
    expect(isSlateKey(press('s'), { tagName: 'DIV', isContentEditable: true })).toBe(false);
    expect(isSlateKey(press('s'), { tagName: 'INPUT', type: 'range' })).toBe(true);
    expect(isSlateKey(press('s'), { tagName: 'BUTTON', type: 'button' })).toBe(true);
  });
});
