/** Everything that is wrong now, alarms before warnings. What is new is spoken by the page's live region. */
import type { Group } from '../alarms';
import { grouped } from '../alarms';
import { clock } from '../figures';
import type { AnyLink } from '../link';
import { Mark, Named } from './parts';

export function Alarms({ link }: { readonly link: AnyLink }) {
  const words = link.words.value;
  const standing = link.alarms.value;
  return (
    <section class={standing.length > 0 ? 'alarms' : 'alarms none'} aria-label={words.alarms}>
      {standing.length === 0 ? (
        <p class="soft">{words.noAlarms}</p>
      ) : (
        <ul>
          {grouped(standing).map((group) => (
            <AlarmLine key={`${group.level} ${group.code}`} group={group} link={link} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface AlarmLineProps {
  readonly group: Group;
  readonly link: AnyLink;
}

/** The oldest of its kind says since when. */
function AlarmLine({ group: { code, level, alarms }, link }: AlarmLineProps) {
  const words = link.words.value;
  const oldest = alarms[0];
  const { says, helps } = link.said(oldest);
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
            <Named>{link.said(alarm).where}</Named>
          </span>
        ))}{' '}
        <span class="soft since">{oldest.older ? words.sinceBefore(time) : words.since(time)}</span>
        {helps !== null && <span class="soft helps"> {helps}</span>}
      </p>
    </li>
  );
}
