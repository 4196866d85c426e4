import { describe, expect, it } from 'vitest';
import { age, clock, inSeconds, number, plain, size, span, typed } from './figures';
import { commonEn } from './words/en';
import { commonFa } from './words/fa';

const [en, fa] = [commonEn('x'), commonFa('x', 'x')];

describe('numbers', () => {
  it('are written as people of the language do, and what cannot be told is a dash', () => {
    expect(number(4200, en)).toBe('4,200');
    expect(number(-23.04, en, 1)).toBe('-23.0');
    expect(number(-0.04, en, 1)).toBe('0.0');
    expect(number(1234.5, fa, 1)).toBe('۱٬۲۳۴٫۵');
    expect(number(null, fa)).toBe('–');
    expect(plain(1280, en)).toBe('1280');
    expect(plain(2.5, fa)).toBe('۲٫۵');
  });

  it('of time have the two units that say most', () => {
    expect(span(0, en)).toBe('0 s');
    expect(span(59.9, en)).toBe('59 s');
    expect(span(3_600, en)).toBe('1 h');
    expect(span(3_600 + 59, en)).toBe('1 h');
    expect(span(2_591_976, en)).toBe('29 d 23 h');
    expect(span(-5, en)).toBe('0 s');
    expect(span(null, en)).toBe('–');
    expect(span(61, fa)).toBe('۱ دقیقه و ۱ ثانیه');
    expect(inSeconds(140, en)).toBe('0.1 s');
    expect(inSeconds(9_960, en)).toBe('10 s');
    expect(inSeconds(-2_000, en)).toBe('-2.0 s');
    expect([59_900, 90_000_000, null].map((ms) => age(ms, en))).toEqual(['60 s', '1 d 1 h', '–']);
    expect(clock(Date.UTC(2026, 10, 23, 0, 4, 33), en)).toBe('00:04:33');
    expect(clock(Date.UTC(2026, 10, 23, 18, 4, 33), fa, 'minutes')).toBe('۱۸:۰۴');
  });

  it('of bytes grow to be seen', () => {
    expect(size(999_999, en)).toBe('1,000 kB');
    expect(size(1_540_000, en)).toBe('1.5 MB');
    expect(size(78_153_490_432, en)).toBe('78.15 GB');
    expect(size(2e12, en)).toBe('2,000 GB');
    expect(size(null, en)).toBe('–');
    expect(size(1_540_000, fa)).toBe('۱٫۵ مگابایت');
  });
});

describe('what is typed', () => {
  it.each([
    ['20', 20],
    [' 2.5 ', 2.5],
    ['۲٫۵', 2.5],
    ['٢٠', 20],
    ['2,5', 2.5],
    ['+7', 7],
    ['−3', -3],
    ['60', 60],
    ['60.1', null],
    ['-6', null],
    ['', null],
    ['1e1', null],
    ['0x10', null],
    ['Infinity', null],
    ['2.5.1', null],
    ['9999999', null],
  ])('%j', (text, value) => expect(typed(text, -5, 60)).toBe(value));
});
