/** Asks before anything is done: what will happen, whether there is a way back, and, where there is none, something to type. */
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../../shared/components/Problem';
import { Mark } from '../../shared/components/parts';
import { plain } from '../../shared/figures';
import type { Asking, Subject } from '../asking';
import { isTyped, subjectOf, wantedOf } from '../asking';
import { rankOnAir } from '../outside';
import type { DeskState } from '../state';
import type { Words } from '../words/words';
import { Dialog } from './Dialog';
import type { PartProps } from './Verdict';

interface Asked {
  readonly title: string;
  readonly says: readonly string[];
  readonly does: string;
  /** What stands above the field to type into. */
  readonly types?: string;
}

export function Question({ office, asking, state, words }: PartProps & { readonly asking: Asking }) {
  const [text, setText] = useState('');
  const subject = subjectOf(asking, state);
  const isBusy = office.pending.value.has(asking.kind);
  const isGone = subject === null;
  useEffect(() => {
    if (isGone) office.close();
  }, [isGone]);
  if (subject === null) return null;
  const { title, says, does, types } = askedOf(subject, state, words);
  const wanted = wantedOf(subject);
  const isGrave = wanted !== null;
  const mayDo = !office.isAway && (wanted === null || isTyped(text, wanted));
  return (
    <Dialog title={title} isGrave={isGrave} close={() => office.close()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (mayDo) void office.answer(asking);
        }}
      >
        <div id="question-says">
          {says.map((each) => (
            <p key={each}>{each}</p>
          ))}
          {isGrave && (
            <p class="bad no-way">
              <Mark mood="bad" />
              <b>{words.noWayBack}</b>
            </p>
          )}
        </div>
        {wanted !== null && (
          <label>
            <span>
              {types} <code dir="ltr">{wanted}</code>
            </span>
            <input
              type="text"
              dir="ltr"
              data-first
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              maxLength={64}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
        )}
        {office.isAway && <p class="warn">{words.lostSpoken}</p>}
        <Problem problem={office.problem.value} words={words} />
        <div class="answers">
          <button type="submit" class={isGrave ? 'danger' : 'strong'} data-answer="yes" disabled={!mayDo} aria-busy={isBusy}>
            {isBusy ? words.sending : does}
          </button>
          <button type="button" class="quiet" data-answer="no" data-first={wanted === null} onClick={() => office.close()}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function askedOf(subject: Subject, state: DeskState, words: Words): Asked {
  switch (subject.kind) {
    case 'withdraw':
      return named(subject.mirror.operator, words.withdrawAsk, words.withdrawSays, words.withdrawThis);
    case 'restore':
      return named(subject.mirror.operator, words.restoreAsk, words.restoreSays, words.restoreThis);
    case 'remove-mirror':
      return named(subject.mirror.operator, words.removeAsk, words.removeSays, words.removeThis);
    case 'add-live-key':
      return { title: words.addKeyAsk, says: [words.addKeySays], does: words.addKeyDo };
    case 'release-root':
      return { title: words.releaseAsk(plain(subject.version, words)), says: [words.releaseSays], does: words.releaseDo, types: words.typeVersion };
    case 'revoke': {
      const says = [words.revokeSays];
      if (rankOnAir(state.seen) === subject.key.rank) says.push(words.revokeOnAir);
      if (subject.isLast) says.push(words.revokeLast);
      return { title: words.revokeAsk(plain(subject.key.rank, words)), says, does: words.revoke, types: words.typeKey };
    }
  }
}

type Say = (name: string) => string;

/** A name is set apart, since it may be of another direction than the sentence. */
function named(name: string, title: Say, says: Say, does: Say): Asked {
  const apart = `\u2068${name}\u2069`;
  return { title: title(apart), says: [says(apart)], does: does(apart) };
}
