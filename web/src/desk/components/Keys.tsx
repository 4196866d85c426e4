/** The live keys and the sealed root: what cannot be taken back, each behind a question that wants something typed. */
import { Card, Mark } from '../../shared/components/parts';
import { plain } from '../../shared/figures';
import { rankOnAir } from '../outside';
import type { LiveKey } from '../state';
import type { PartProps } from './Verdict';

export function Keys({ office, state, words }: PartProps) {
  const version = state.sealed_root;
  return (
    <Card name={words.keys} id="keys">
      {state.live_keys.map((key) => (
        <KeyRow key={key.keyid} live={key} office={office} state={state} words={words} />
      ))}
      <div class="answers">
        <button type="button" class="strong" data-do="add-live-key" aria-haspopup="dialog" onClick={() => office.ask({ kind: 'add-live-key' })}>
          {words.addKey}
        </button>
      </div>
      <article data-root={version ?? 'none'}>
        <h3>{words.sealedRoot}</h3>
        <p class="soft">{version === null ? words.noSealedRoot : words.sealedRootHere(plain(version, words))}</p>
        {version !== null && (
          <div class="answers">
            <button type="button" class="danger" data-do="release-root" aria-haspopup="dialog" onClick={() => office.ask({ kind: 'release-root', version })}>
              {words.releaseRoot}
            </button>
          </div>
        )}
      </article>
    </Card>
  );
}

function KeyRow({ live, office, state, words }: PartProps & { readonly live: LiveKey }) {
  const rank = plain(live.rank, words);
  const isOnAir = rankOnAir(state.seen) === live.rank;
  return (
    <article class="key" data-key={live.keyid} data-revoked={live.revoked}>
      <header>
        <h3>
          {words.rank} {rank} <bdi class="soft name">{live.name}</bdi>
        </h3>
        {!live.revoked && (
          <button type="button" class="danger" data-do="revoke" aria-label={words.revokeThis(rank)} aria-haspopup="dialog" disabled={!live.sealed} onClick={() => office.ask({ kind: 'revoke', keyid: live.keyid })}>
            {words.revoke}
          </button>
        )}
      </header>
      <p class="keyid" dir="ltr">
        <code>{live.keyid}</code>
      </p>
      <p>
        {live.revoked ? (
          <span class="bad">
            <Mark mood="bad" />
            {words.keyRevoked}
          </span>
        ) : (
          <>
            <span class={isOnAir ? 'sign on' : 'sign unseen'} aria-hidden="true" />
            {isOnAir ? <b>{words.keyOnAir}</b> : words.keyReady}. <span class={live.sealed ? 'soft' : 'warn'}>{live.sealed ? words.keySealed : words.keyNotSealed}</span>
          </>
        )}
      </p>
    </article>
  );
}
