import { useEffect, useRef, useState } from 'preact/hooks';
import { sceneOf } from '../reading';
import { Controls } from './Controls';
import { SceneCard, Waiting } from './SceneCard';
import { usePage } from './page-context';

const IDLE_MS = 3_000;

/** Controls leave when nobody moves and something plays; any move or key brings them back. */
function useIdle(active: boolean): [boolean, () => void] {
  const [idle, setIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stir = (): void => {
    setIdle(false);
    clearTimeout(timer.current);
    if (active) timer.current = setTimeout(() => setIdle(true), IDLE_MS);
  };
  useEffect(() => {
    stir();
    return () => clearTimeout(timer.current);
  }, [active]);
  return [idle && active, stir];
}

export function Stage({ screen }: { readonly screen: (element: HTMLElement | null) => void }) {
  const { state, ask, words } = usePage();
  const { paused, needsTap, starved, dry, soundOnly } = state.playback.value;
  const scene = sceneOf(state);
  const calm = scene === 'playing' && !paused && !dry && needsTap === 'no' && state.sheet.value === null;
  const [idle, stir] = useIdle(calm);
  /** A tap that wakes the controls is not yet a tap on the picture. */
  const asleep = useRef(false);
  return (
    <section
      class={`stage scene-${scene}${idle ? ' idle' : ''}${soundOnly ? ' sound-only' : ''}`}
      aria-label={words.player}
      onPointerMove={stir}
      onPointerDownCapture={() => {
        asleep.current = idle;
        stir();
      }}
      onFocusCapture={stir}
      onKeyDown={stir}
    >
      <div class="screen" ref={screen} onClick={() => scene === 'playing' && !asleep.current && ask.togglePlay()} />
      <SceneCard />
      {scene === 'playing' && starved && !soundOnly && <Waiting over />}
      {scene === 'playing' && <Controls />}
    </section>
  );
}
