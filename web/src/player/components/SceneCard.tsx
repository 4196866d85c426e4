import { dayAndTime, moment, span } from '../clock';
import { inLanguage } from '../i18n/words';
import { listeningSentence, sceneOf, stepOf, waitingSentence } from '../reading';
import { Icon, Wing } from './icons';
import { usePage } from './page-context';

function Opening() {
  const { state, words } = usePage();
  const step = stepOf(state);
  return (
    <div class="card" role="status">
      <div class="spinner" />
      <p>{step === null ? words.opening : words[step]}</p>
    </div>
  );
}

function Before() {
  const { state, words } = usePage();
  const facts = state.facts.value;
  if (facts === null) return null;
  const { startMs, title } = facts.event;
  const left = startMs - state.now.value;
  return (
    <div class="card before">
      <Wing />
      <h2>{inLanguage(title, state.language.value)}</h2>
      <p class="large" role="timer">
        {left > 0 ? words.startsIn(span(left, words)) : words.startsNow}
      </p>
      <p class="soft">{left > 0 ? words.yourTime(dayAndTime(startMs, words)) : words.lateStart}</p>
    </div>
  );
}

function CutOff() {
  const { state, words } = usePage();
  const { at, to } = state.playback.value;
  const since = to || at || state.view.value?.signedAt || state.now.value;
  return (
    <div class="card veiled" role="alert">
      <p class="large">{words.cutOff(moment(since, state.now.value, words))}</p>
      <p class="soft">{words.cutOffWhy}</p>
    </div>
  );
}

function Ended() {
  const { state, ask, words } = usePage();
  const busy = state.archive.value.state === 'checking';
  return (
    <div class="card veiled">
      <Wing />
      <p class="large">{words.ended}</p>
      <p class="soft">{words.endedWhy}</p>
      <button type="button" class="main" onClick={() => ask.backToStart()} disabled={busy}>
        <Icon name="start" />
        {words.watchReplay}
      </button>
    </div>
  );
}

function Tap() {
  const { state, ask, words } = usePage();
  const { needsTap } = state.playback.value;
  if (needsTap === 'no') return null;
  const sound = needsTap === 'sound';
  return (
    <button
      type="button"
      class={sound ? 'tap-sound' : 'tap-play'}
      onClick={() => (sound ? ask.toggleMute() : ask.togglePlay())}
    >
      <Icon name={sound ? 'muted' : 'play'} />
      <span>{sound ? words.tapForSound : words.tapToPlay}</span>
    </button>
  );
}

/** It wants to play and cannot: nobody has more yet, or the line does not keep up. */
export function Waiting({ over = false }: { readonly over?: boolean }) {
  const { state, words } = usePage();
  const label = state.playback.value.dry ? words[waitingSentence(state)] : words.refilling;
  return <div class={`spinner${over ? ' over' : ''}`} role="status" aria-label={label} />;
}

/** What stands in the place of the picture: while it waits, the circle instead of the bird, not over it. */
function SoundOnly() {
  const { state, words } = usePage();
  const { soundOnly, starved } = state.playback.value;
  if (!soundOnly) return null;
  return (
    <div class="card listening">
      {starved ? <Waiting /> : <Wing />}
      <p class="soft">{words[listeningSentence(state)]}</p>
    </div>
  );
}

/** What lies over the picture, or stands in its place. */
export function SceneCard() {
  const { state } = usePage();
  switch (sceneOf(state)) {
    case 'opening':
      return <Opening />;
    case 'before':
      return <Before />;
    case 'cutOff':
      return <CutOff />;
    case 'ended':
      return <Ended />;
    case 'playing':
      return (
        <>
          <SoundOnly />
          <Tap />
        </>
      );
    case 'refused':
      return null;
  }
}
