import { hourMinuteSecond, position } from '../clock';
import { badgeOf, behindMs, mayRejoin } from '../reading';
import { Icon } from './icons';
import type { IconName } from './icons';
import { Badge } from './Badge';
import { usePage } from './page-context';

interface RoundProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly extra?: string;
  readonly pressed?: boolean;
}

function Round({ icon, label, onClick, extra = '', pressed }: RoundProps) {
  return (
    <button type="button" class={`round ${extra}`} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

function Volume() {
  const { state, ask, words } = usePage();
  const { muted, volume } = state.playback.value;
  const percent = muted ? 0 : Math.round(volume * 100);
  return (
    <div class="volume" dir="ltr">
      <Round icon={percent === 0 ? 'muted' : 'sound'} label={muted ? words.unmute : words.mute} onClick={() => ask.toggleMute()} />
      {state.can.value.volume && (
        <input
          type="range"
          class="slider volume-slider"
          min="0"
          max="100"
          value={percent}
          style={{ '--at': `${percent}%` }}
          aria-label={words.volume}
          onInput={(event) => ask.setVolume(Number(event.currentTarget.value) / 100)}
        />
      )}
    </div>
  );
}

/** Where the picture stands in what can be reached; left to right in every language, like the keys of a player. */
function Position() {
  const { state, ask, words } = usePage();
  const { at, from, to, needsTap } = state.playback.value;
  const shown = state.mode.value === 'replay' || badgeOf(state) === 'behind' || state.playback.value.paused;
  if (!shown || needsTap !== 'no' || at === null || to - from < 20_000) return null;
  const share = Math.min(1, Math.max(0, (at - from) / (to - from)));
  const inReplay = state.mode.value === 'replay';
  return (
    <div class="position" dir="ltr">
      <span class="figures">{inReplay ? position(at - from, words) : `−${position(behindMs(state.playback.value) ?? 0, words)}`}</span>
      <input
        type="range"
        class="slider"
        min="0"
        max={Math.round((to - from) / 1000)}
        value={Math.round((at - from) / 1000)}
        style={{ '--at': `${(share * 100).toFixed(2)}%` }}
        aria-label={words.position}
        aria-valuetext={hourMinuteSecond(at, words)}
        onChange={(event) => ask.seekTo(from + Number(event.currentTarget.value) * 1000)}
      />
      <span class="figures">{inReplay ? position(to - from, words) : ''}</span>
    </div>
  );
}

export function Controls() {
  const { state, ask, words } = usePage();
  const { paused } = state.playback.value;
  const can = state.can.value;
  const full = state.fullScreen.value;
  return (
    <div class="controls">
      <Position />
      <div class="control-row">
        <Round icon={paused ? 'play' : 'pause'} label={paused ? words.play : words.pause} onClick={() => ask.togglePlay()} />
        <Volume />
        <Badge />
        {mayRejoin(state) && (
          <button type="button" class="pill rejoin" onClick={() => ask.rejoinLive()}>
            <Icon name="forward" />
            <span>{words.rejoin}</span>
          </button>
        )}
        <span class="space" />
        <Round icon="tongue" label={words.audioLanguage} extra="wide-only" onClick={() => ask.open('sound')} />
        <Round icon="quality" label={words.quality} extra="wide-only" onClick={() => ask.open('quality')} />
        {can.pictureInPicture && (
          <Round icon="picture" label={words.pictureInPicture} extra="wide-only" onClick={() => ask.togglePictureInPicture()} />
        )}
        {can.fullScreen && (
          <Round
            icon={full ? 'unfull' : 'full'}
            label={full ? words.leaveFullScreen : words.fullScreen}
            onClick={() => ask.toggleFullScreen()}
          />
        )}
      </div>
    </div>
  );
}
