/** Drawn for this page: 24 by 24, one stroke. Playback icons keep their direction in right-to-left languages. */
const PATHS = {
  play: 'M7 4.8v14.4a.6.6 0 0 0 .92.5l11-7.2a.6.6 0 0 0 0-1l-11-7.2A.6.6 0 0 0 7 4.8Z',
  pause: 'M7.5 5.2h2.4v13.6H7.5zM14.1 5.2h2.4v13.6h-2.4z',
  sound: 'M4 9.5v5h3.2L12 18.6V5.4L7.2 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.6a7.6 7.6 0 0 1 0 10.8',
  muted: 'M4 9.5v5h3.2L12 18.6V5.4L7.2 9.5H4ZM16 9.8l4.6 4.4M20.6 9.8 16 14.2',
  full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  unfull: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  picture: 'M3.5 5.5h17v13h-17zM12.5 12h5.5v4h-5.5z',
  share: 'M12 15V3.8M8 7.4l4-3.8 4 3.8M5.5 11.5v7.2c0 .7.5 1.3 1.2 1.3h10.6c.7 0 1.2-.6 1.2-1.3v-7.2',
  tongue: 'M4 5.5h9M8.5 3.5v2M11 5.5c-.7 3.6-3 6.4-6.5 8M6.4 8.6c1 2 2.7 3.6 5 4.6M12.6 20.5l4-9.5 4 9.5M14 17.3h5.2',
  quality: 'M5 19v-4M9.7 19v-7M14.3 19V8.5M19 19V5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 4.8v4.4M9 14.8v4.4',
  verified: 'M12 3.2 5 5.8v5.4c0 4.3 2.9 7.7 7 9.4 4.1-1.7 7-5.1 7-9.4V5.8l-7-2.6ZM8.8 11.8l2.3 2.3 4.2-4.4',
  warning: 'M12 4.2 2.9 19.6h18.2L12 4.2ZM12 10v4.4M12 16.9v.3',
  start: 'M5 5v14M19 5.8v12.4a.5.5 0 0 1-.8.4l-8.5-6.2a.5.5 0 0 1 0-.8l8.5-6.2a.5.5 0 0 1 .8.4Z',
  forward: 'M5 5.8v12.4c0 .4.5.7.8.4l8-6.2a.5.5 0 0 0 0-.8l-8-6.2a.5.5 0 0 0-.8.4ZM18.5 5v14',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  leaf: 'M5 19c0-8.5 5-13.5 14-14-.3 9-5.5 14-14 14Zm0 0 7-7',
  headphones: 'M4 15v-2.5a8 8 0 0 1 16 0V15M4 14.5h2.6c.5 0 .9.4.9.9v3.7c0 .5-.4.9-.9.9H5.5A1.5 1.5 0 0 1 4 18.5v-4Zm16 0h-2.6c-.5 0-.9.4-.9.9v3.7c0 .5.4.9.9.9h1.1a1.5 1.5 0 0 0 1.5-1.5v-4Z',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  chevron: 'M9 5l7 7-7 7',
} as const;

export type IconName = keyof typeof PATHS;

const SOLID: readonly IconName[] = ['play', 'pause'];

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon${SOLID.includes(name) ? ' solid' : ''}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: the wing of a bird that never lands. */
export function Wing() {
  return (
    <svg class="wing" viewBox="0 0 48 32" aria-hidden="true" focusable="false">
      <path d="M3 27C11 26 16 21 18.5 13 20.5 6.500 26 3.500 33 4" />
      <path d="M10 28.500C17.500 26.500 21.500 22 24 15.500 26 10.300 31.500 8 38.500 9.500" />
      <path d="M17.500 29C23.500 26.500 27 23 29.500 18.500 32 14.300 37 13 44 15.500" />
    </svg>
  );
}
