/** A mirror more. What the server does not take stays in the form, with the reason and what to do. */
import { useRef, useState } from 'preact/hooks';
import { Problem } from '../../shared/components/Problem';
import { Card } from '../../shared/components/parts';
import { Refusal } from '../../shared/server';
import type { Office } from '../office';
import { CLASSES, TIERS } from '../words/known';
import type { Words } from '../words/words';

interface AddMirrorProps {
  readonly office: Office;
  readonly words: Words;
}

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();

/** What a code says about which field. */
const FIELD_OF: Readonly<Record<string, string>> = { 'bad-url': 'url', 'mirror-id': 'id', empty: 'url' };

export function AddMirror({ office, words }: AddMirrorProps) {
  const [problem, setProblem] = useState<Refusal | null>(null);
  const [added, setAdded] = useState('');
  const place = useRef<HTMLFormElement>(null);
  const send = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const [url, operator, id] = [textOf(data, 'url'), textOf(data, 'operator'), textOf(data, 'id')];
    setAdded('');
    if (url === '' || operator === '') {
      setProblem(new Refusal(0, 'empty'));
      return;
    }
    const more = id === '' ? {} : { id };
    const outcome = await office.tried('add-mirror', { url, operator, class: textOf(data, 'class'), tier: textOf(data, 'tier'), ...more });
    if (outcome === 'not-now') return;
    setProblem(outcome === 'done' ? null : outcome);
    if (outcome !== 'done') return;
    setAdded(operator);
    place.current?.reset();
  };
  const wrong = problem === null ? undefined : FIELD_OF[problem.code];
  const about = (name: string) => ({ name, 'aria-invalid': wrong === name, 'aria-describedby': wrong === name ? 'add-problem' : undefined });
  return (
    <Card name={words.addMirror} id="add-mirror">
      <form
        ref={place}
        class="add"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}
      >
        <label class="wide">
          <span>{words.url}</span>
          <input type="text" inputMode="url" dir="ltr" autocomplete="off" autocapitalize="off" spellcheck={false} maxLength={512} placeholder="https://" {...about('url')} />
          <small class="soft">{words.urlHint}</small>
        </label>
        <label class="wide">
          <span>{words.operator}</span>
          <input type="text" dir="auto" autocomplete="off" maxLength={64} {...about('operator')} />
        </label>
        <label>
          <span>{words.mirrorClass}</span>
          <select name="class">
            {CLASSES.map((each) => (
              <option key={each} value={each}>
                {words.classWords[each]}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{words.tier}</span>
          <select name="tier">
            {TIERS.map((each) => (
              <option key={each} value={each}>
                {words.tierWords[each]}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{words.mirrorId}</span>
          <input type="text" dir="ltr" autocomplete="off" autocapitalize="off" spellcheck={false} maxLength={32} {...about('id')} />
        </label>
        <button type="submit" aria-busy={office.pending.value.has('add-mirror')}>
          {words.add}
        </button>
        <div class="wide" id="add-problem">
          <Problem problem={problem} words={words} />
        </div>
        <p class="wide well" role="status">
          {added === '' ? '' : words.added(added)}
        </p>
      </form>
    </Card>
  );
}
