import { describe, expect, it } from 'vitest';
import type { SessionView } from '../protocol/session/types';
import { warningsOf } from './warnings';
import type { Circumstances } from './warnings';

const NOW = Date.UTC(2026, 10, 23);
const view = (over: Partial<SessionView>): SessionView => ({ status: 'live', signedAt: NOW - 500, twoVersions: false, ...over }) as SessionView;
const well: Circumstances = {
  view: view({}), trouble: null, fortune: { verifiedAt: 99_000, failures: 0, webPages: 0 }, expired: [], lineSlow: false, online: true,
  faulty: false, wall: NOW, mono: 100_000,
};

describe('the standing warnings', () => {
  it.each([
    ['none', {}, []],
    ['two versions', { view: view({ twoVersions: true }) }, ['twoVersions']],
    ['signed tomorrow', { view: view({ status: 'unconfirmed', signedAt: NOW + 86_400_000 }) }, ['clockWrong']],
    ['agreed live, yet of yesterday', { view: view({ signedAt: NOW - 86_400_000 }) }, ['clockWrong']],
    ['of yesterday, and nobody agrees', { view: view({ status: 'unconfirmed', signedAt: NOW - 86_400_000 }) }, []],
    ['old documents', { expired: ['timestamp'] }, ['trustOld']],
    ['old documents by a wrong clock', { expired: ['timestamp'], view: view({ signedAt: NOW - 86_400_000 }) }, ['clockWrong']],
    ['an old roster', { expired: ['roster', 'steering'] }, []],
    ['a slow line', { lineSlow: true }, ['lineSlow']],
    ['an engine that broke', { faulty: true }, ['playerFault']],
    ['no mirror at the start', { view: null, trouble: 'noMirror' }, ['noMirror']],
    ['a web page at the start', { view: null, trouble: 'loginNetwork' }, ['loginNetwork']],
    ['no network', { online: false, fortune: { verifiedAt: 80_000, failures: 9, webPages: 0 } }, ['offline']],
    ['no mirror for long', { fortune: { verifiedAt: 80_000, failures: 9, webPages: 1 } }, ['noMirror']],
    ['a login page for long', { fortune: { verifiedAt: 80_000, failures: 9, webPages: 8 } }, ['loginNetwork']],
    ['a few failures just now', { fortune: { verifiedAt: 97_000, failures: 9, webPages: 0 } }, []],
    ['no network, and nothing failed yet', { online: false }, []],
  ] as const)('%s', (_why, over, warnings) => expect(warningsOf({ ...well, ...over } as Circumstances)).toEqual(warnings));
});
