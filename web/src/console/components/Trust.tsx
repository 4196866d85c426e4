/** The trust documents, and how long viewers still believe each. */
import { number, span } from '../figures';
import type { ConsoleState, TrustDocument } from '../state';
import { moodOfTrust } from '../state';
import type { Words } from '../words/words';
import { Card, Mark } from './parts';

export function Trust({ state, words }: { readonly state: ConsoleState; readonly words: Words }) {
  if (state.trust.length === 0) return null;
  return (
    <Card name={words.trust} id="trust">
      <ul class="trust">
        {state.trust.map((document) => (
          <TrustRow key={document.name} document={document} words={words} />
        ))}
      </ul>
    </Card>
  );
}

function TrustRow({ document, words }: { readonly document: TrustDocument; readonly words: Words }) {
  const mood = moodOfTrust(document);
  return (
    <li class={mood ?? undefined} data-document={document.name}>
      <bdi class="named" dir="ltr">
        {document.name}
      </bdi>{' '}
      <span class="soft">{words.version(number(document.version, words))}</span>
      <span class="left">
        {mood !== null && <Mark mood={mood} />}
        {document.left_s <= 0 ? words.expired : words.expiresIn(span(document.left_s, words))}
        {document.left_s > 0 && document.short && <span class="soft"> {words.tooShort}</span>}
      </span>
      {document.age !== null && (
        <span class="life" aria-hidden="true">
          <span style={{ inlineSize: `${Math.round((1 - document.age) * 100)}%` }} />
        </span>
      )}
    </li>
  );
}
