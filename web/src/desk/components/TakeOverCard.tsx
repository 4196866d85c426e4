/** The order of a take-over, and how far it is. */
import { Card, Named } from '../../shared/components/parts';
import { number, plain } from '../../shared/figures';
import { showing } from '../outside';
import { takeOverOf } from '../takeover';
import { placeSaid } from '../words/words';
import type { PartProps } from './Verdict';

export function TakeOverCard({ office, state, words }: PartProps) {
  const { rank, stage, next, old, showing: count, of } = takeOverOf(state);
  const said = (value: number): string => plain(value, words);
  const nextRank = next === null ? null : said(next.rank);
  const oldRanks = old.map((key) => said(key.rank)).join(words.comma);
  const revoked = old.find(({ sealed }) => sealed);
  return (
    <Card name={words.takeOver} id="take-over">
      <p data-rank={rank ?? 'none'}>
        <b>{rank === null ? words.noRankSeen : words.rankSeen(said(rank))}</b>
      </p>
      <ul class="ranks">
        {showing(state.seen).map((each, n) => (
          <li key={n}>
            <Named>{each.kind === 'mirror' ? placeSaid(each.name, state.mirrors) : each.name}</Named> <span>{words.rankAt(said(each.rank))}</span>
          </li>
        ))}
      </ul>
      <p class="soft">{words.takeOverWhy}</p>
      {nextRank === null ? (
        <p class="warn">{words.noNext}</p>
      ) : (
        <ol class="steps" data-stage={stage}>
          <li class={stage === 'ready' ? 'now' : 'past'}>
            {stage === 'ready' ? (
              <>
                {words.stepStart}{' '}
                <code dir="ltr">
                  huma live … --rank {next?.rank}
                </code>
              </>
            ) : (
              `${words.stepStarted(nextRank)} (${words.stepDone})`
            )}
          </li>
          <li class={stage === 'spreading' ? 'now' : stage === 'spread' ? 'past' : ''}>
            {words.stepWait(nextRank)} {stage !== 'ready' && <b>{words.stepCount(number(count, words), number(of, words))}</b>}
          </li>
          {oldRanks !== '' && (
            <li class={stage === 'spread' ? 'now' : ''}>
              {words.stepRevoke(oldRanks)}{' '}
              {stage === 'spread' && revoked !== undefined && (
                <button type="button" class="danger" data-do="revoke-old" aria-haspopup="dialog" onClick={() => office.ask({ kind: 'revoke', keyid: revoked.keyid })}>
                  {words.revokeThis(said(revoked.rank))}
                </button>
              )}
            </li>
          )}
        </ol>
      )}
    </Card>
  );
}
