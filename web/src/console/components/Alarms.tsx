/** Everything that is wrong now, alarms before warnings. What is new is spoken by the page's live region. */
import type { Group } from '../alarms';
import { grouped } from '../alarms';
import type { Desk } from '../desk';
import { clock } from '../figures';
import type { ConsoleState } from '../state';
import type { Words } from '../words/words';
import { alarmSaid } from '../words/words';
import { Mark, Named } from './parts';

interface AlarmsProps {
  readonly desk: Desk;
  readonly state: ConsoleState;
  readonly words: Words;
}

export function Alarms({ desk, state, words }: AlarmsProps) {
  const standing = desk.alarms.value;
  return (
    <section class={standing.length > 0 ? 'alarms' : 'alarms none'} aria-label={words.alarms}>
      {standing.length === 0 ? (
        <p class="soft">{words.noAlarms}</p>
      ) : (
        <ul>
          {grouped(standing).map((group) => (
            <AlarmLine key={`${group.level} ${group.code}`} group={group} state={state} words={words} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface AlarmLineProps {
  readonly group: Group;
  readonly state: ConsoleState;
  readonly words: Words;
}

/** The oldest of its kind says since when. */
function AlarmLine({ group: { code, level, alarms }, state, words }: AlarmLineProps) {
  const oldest = alarms[0];
  const { says, helps } = alarmSaid(oldest, state, words);
  const time = words.utc(clock(oldest.since, words));
  return (
    <li class={level} data-code={code}>
      <Mark mood={level === 'alarm' ? 'bad' : 'warn'} />
      <p>
        <b>
          <span class="level">{level === 'alarm' ? words.alarm : words.warning}</span> {says}
        </b>{' '}
        {alarms.map((alarm, n) => (
          <span key={alarm.key} data-where={alarm.where}>
            {n > 0 && words.comma}
            <Named>{alarmSaid(alarm, state, words).where}</Named>
          </span>
        ))}{' '}
        <span class="soft since">{oldest.older ? words.sinceBefore(time) : words.since(time)}</span>
        {helps !== null && <span class="soft helps"> {helps}</span>}
      </p>
    </li>
  );
}
