import { describe, expect, it } from 'vitest';
import { keyOf } from './keyboard';

const pressed = (key: string, code: string, shiftKey = false) => keyOf({ key, code, shiftKey });

describe('a key', () => {
  it('is what is printed on it', () => {
    expect(pressed('m', 'KeyM')).toBe('m');
    expect(pressed('M', 'KeyM', true)).toBe('m');
    expect(pressed('m', 'Semicolon')).toBe('m'); // as on French keyboards
    expect(pressed(' ', 'Space')).toBe(' ');
    expect(pressed('ArrowUp', 'ArrowUp')).toBe('ArrowUp');
    expect(pressed('?', 'Slash', true)).toBe('?');
  });

  it('is found by its place where Farsi is typed', () => {
    expect(pressed('ئ', 'KeyM')).toBe('m');
    expect(pressed('ب', 'KeyF')).toBe('f');
    expect(pressed('؟', 'Slash', true)).toBe('?');
    expect(pressed('۱', 'Digit1')).toBe('۱');
  });
});
