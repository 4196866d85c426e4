/** The beep at an alarm: off until a person wants it. */
import type { AnyLink } from '../link';

export function BeepButton({ link }: { readonly link: AnyLink }) {
  const words = link.words.value;
  const on = link.beeping.value;
  return (
    <button type="button" class="quiet beep" aria-pressed={on} title={words.beep} onClick={() => link.setBeeping(!on)}>
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4 9.5v5h3.5L12 19V5L7.500 9.500Z" />
        {on ? <path d="M15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11" /> : <path d="m15.500 9.500 5 5m0-5-5 5" />}
      </svg>
      <span>{words.beepShort}</span>
    </button>
  );
}
