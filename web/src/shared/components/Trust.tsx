/** The trust documents, and how long viewers still believe each. A bar grows with the share of its life that is over. */
import { number, span } from '../figures';
import type { TrustDocument } from '../state';
import { moodOfTrust } from '../state';
import type { CommonWords } from '../words/en';
import { Card, Mark } from './parts';

export function Trust({ documents, words }: { readonly documents: readonly TrustDocument[]; readonly words: CommonWords }) {
  if (documents.length === 0) return null;
  return (
    <Card name={words.trust} id="trust">
      <ul class="trust">
        {documents.map((document) => (
          <TrustRow key={document.name} document={document} words={words} />
        ))}
      </ul>
    </Card>
  );
}

function TrustRow({ document, words }: { readonly document: TrustDocument; readonly words: CommonWords }) {
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
        <span class="life" aria-hidden="true" title={words.lifeOver}>
          <span class="over" style={{ inlineSize: `${Math.round(document.age * 100)}%` }} />
        </span>
      )}
    </li>
  );
}
