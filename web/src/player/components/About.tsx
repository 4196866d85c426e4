import { moment, number } from '../clock';
import { inLanguage } from '../i18n/words';
import type { ScheduleItem } from '../../protocol/event';
import { badgeOf, sceneOf, unconfirmedSentence } from '../reading';
import type { PageState } from '../state';
import { Badge } from './Badge';
import { Icon } from './icons';
import { usePage } from './page-context';

/** The quiet sign. Before the first signed second only the event itself has been verified, and that is what it says. */
function Sign() {
  const { state, ask, words } = usePage();
  const seen = state.view.value !== null && state.view.value.status !== 'waiting';
  return (
    <button type="button" class="sign" onClick={() => ask.open('details')}>
      <Icon name="verified" />
      <span>{seen ? words.verified : words.eventVerified}</span>
      <Icon name="chevron" />
    </button>
  );
}

function soundName(state: PageState): string {
  const facts = state.facts.value;
  return facts?.event.languages.find(({ code }) => code === state.audioLanguage.value)?.name ?? '';
}

function Actions() {
  const { state, ask, words } = usePage();
  const { height } = state.playback.value;
  const lines = height === null ? null : words.lines(number(height, words));
  const fixed = state.quality.value.kind === 'fixed';
  const quality = state.soundOnly.value
    ? words.audioOnly
    : state.saver.value
      ? words.dataSaver
      : lines === null || !fixed
        ? lines === null
          ? words.auto
          : words.autoNow(lines)
        : lines;
  return (
    <div class="actions">
      <button type="button" class="action" onClick={() => ask.open('sound')}>
        <Icon name="tongue" />
        <span>{words.audioLanguage}</span>
        <b>
          <bdi>{soundName(state)}</bdi>
        </b>
      </button>
      <button type="button" class="action" onClick={() => ask.open('quality')}>
        <Icon name="quality" />
        <span>{words.quality}</span>
        <b>{quality}</b>
      </button>
      <BackToStart />
      <button type="button" class="action" onClick={() => ask.open('share')}>
        <Icon name="share" />
        <span>{words.share}</span>
      </button>
    </div>
  );
}

function BackToStart() {
  const { state, ask, words } = usePage();
  const { state: archive, done, all } = state.archive.value;
  const waiting = (state.view.value?.status ?? 'waiting') === 'waiting';
  if (waiting || state.mode.value === 'replay') return null;
  const text =
    archive === 'checking'
      ? words.backToStartBusy(number(done, words), number(all, words))
      : archive === 'empty'
        ? words.noArchiveYet
        : '';
  return (
    <button type="button" class="action" disabled={archive === 'checking'} onClick={() => ask.backToStart()}>
      <Icon name="start" />
      <span>{words.backToStart}</span>
      {text !== '' && <b role="status">{text}</b>}
    </button>
  );
}

/** The item that runs now: the last that has begun. */
function currentItem(schedule: readonly ScheduleItem[], at: number): ScheduleItem | null {
  return schedule.filter(({ atMs }) => atMs <= at).at(-1) ?? null;
}

function Schedule() {
  const { state, words } = usePage();
  const facts = state.facts.value;
  if (facts === null || facts.event.schedule.length === 0) return null;
  const running = sceneOf(state) === 'playing' ? currentItem(facts.event.schedule, state.playback.value.at ?? state.now.value) : null;
  return (
    <section class="schedule">
      <h2>{words.schedule}</h2>
      <ol>
        {facts.event.schedule.map((item) => (
          <li key={item.atMs} class={item === running ? 'current' : ''} aria-current={item === running ? 'true' : undefined}>
            <time dateTime={new Date(item.atMs).toISOString()}>{moment(item.atMs, state.now.value, words)}</time>
            <span dir="auto">{inLanguage(item.text, state.language.value)}</span>
            {item === running && state.mode.value === 'live' && <em>{words.scheduleNow}</em>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function sentence(state: PageState, words: ReturnType<typeof usePage>['words']): string {
  switch (badgeOf(state)) {
    case 'unconfirmed':
      return words[unconfirmedSentence(state)];
    case 'cutOff':
      return words.cutOffWhy;
    case 'ended':
      return words.endedWhy;
    case 'none':
      return '';
    default:
      return words.verifiedWhy;
  }
}

export function About() {
  const { state, words } = usePage();
  const facts = state.facts.value;
  if (facts === null) return null;
  const about = sentence(state, words);
  return (
    <section class="about">
      <div class="about-main">
        <h1 dir="auto">{inLanguage(facts.event.title, state.language.value)}</h1>
        <div class="status-row">
          <Badge announced />
          <Sign />
        </div>
        {about !== '' && <p class="soft">{about}</p>}
        <Actions />
      </div>
      <Schedule />
    </section>
  );
}
