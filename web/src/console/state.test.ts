import { describe, expect, it } from 'vitest';
import { aState, anInput } from './scene';
import { canBeChosen, onAirOf, tooFewKeyFrames } from './state';

const { programme, publisher } = aState();

describe('what goes out', () => {
  it.each([
    ['the programme', {}, 'air'],
    ['the slate', { programme: { ...programme, origin: 'slate' } }, 'slate'],
    ['the slate was asked for and is not out yet', { slate: true }, 'air'],
    ['nothing has been signed', { publisher: { ...publisher, tick: null, age_ms: null } }, 'waiting'],
    ['nothing new is signed', { publisher: { ...publisher, age_ms: 8_001 } }, 'nothing'],
    ['slow ticks are no silence', { event: { ...aState().event, tick_ms: 4_000 }, publisher: { ...publisher, age_ms: 20_000 } }, 'air'],
    ['a copy comes in long segments', { copy: true, publisher: { ...publisher, age_ms: 12_000 } }, 'air'],
    ['a copy that is away', { copy: true, publisher: { ...publisher, age_ms: 20_001 } }, 'nothing'],
    ['the end', { programme: { ...programme, source: 'ended' }, publisher: { ...publisher, age_ms: 60_000 } }, 'ended'],
  ] as const)('%s', (_why, more, lamp) => expect(onAirOf(aState(more))).toBe(lamp));
});

describe('an input', () => {
  it('can be chosen while it plays, is not on air, and has pictures', () => {
    expect(canBeChosen(anInput({ on_air: false }))).toBe(true);
    expect(canBeChosen(anInput({ on_air: true }))).toBe(false);
    expect(canBeChosen(anInput({ on_air: false, status: 'stalled' }))).toBe(false);
    expect(canBeChosen(anInput({ on_air: false, language: 'fa' }))).toBe(false);
  });

  it.each([
    [null, false],
    [2.1, false],
    [2.11, true],
  ])('with key frames every %s s', (interval, rare) => expect(tooFewKeyFrames(anInput({ key_interval_s: interval }))).toBe(rare));
});
