/** A name in another script keeps its own direction, and the sentence around it keeps its order. */
export const apart = (name: string): string => `\u2068${name}\u2069`;

/**
 * English. Every sentence that a viewer can meet; `fa.ts` must have the same ones, or it does not compile.
 * A value is a sentence, or a function of what stands in it (already formatted for the language).
 */
export const en = {
  dir: 'ltr' as 'ltr' | 'rtl',
  locale: 'en-GB',
  huma: 'Huma',
  name: 'English',
  otherName: 'فارسی',

  // the programme as it stands
  live: 'Live',
  liveHint: 'You are watching live',
  behind: (time: string) => `${time} behind`,
  rejoin: 'Rejoin live',
  unconfirmed: (at: string) => `Signed at ${at}, not confirmed live`,
  unconfirmedWhy: 'The pictures are genuine. Whether they are from this moment cannot be told from here.',
  cutOff: (at: string) => `Cut off since ${at}`,
  cutOffWhy: 'No mirror has anything newer. The programme was not ended by its makers; this page keeps trying.',
  ended: 'The programme has ended',
  endedWhy: 'Its makers signed the end.',
  replay: 'Replay',
  replayOf: (at: string) => `Replay, signed at ${at}`,
  watchReplay: 'Watch from the start',
  paused: 'Paused',
  recording: 'Recording',

  // before
  startsIn: (time: string) => `Starts in ${time}`,
  startsNow: 'Starting any moment',
  yourTime: (date: string) => `${date}, your time`,
  lateStart: 'The planned time has passed. It will begin here by itself.',
  schedule: 'Programme',
  scheduleNow: 'now',

  // waiting
  opening: 'Opening…',
  findingTrust: 'Checking who signs this event…',
  findingMirrors: 'Looking for a mirror…',
  loadingPicture: 'Loading the picture…',
  soundFirst: 'Sound first. The picture follows as your line allows.',
  waitingForStart: 'Waiting for the first signed second…',
  refilling: 'Your line is catching up…',
  tapToPlay: 'Play',
  tapForSound: 'Tap for sound',

  // controls
  player: 'Player',
  play: 'Play',
  pause: 'Pause',
  mute: 'Mute',
  unmute: 'Unmute',
  volume: 'Volume',
  position: 'Position in the programme',
  audioLanguage: 'Sound',
  pageLanguage: 'Language of this page',
  quality: 'Quality',
  settings: 'Settings',
  auto: 'Automatic',
  autoNow: (quality: string) => `Automatic (${quality})`,
  lines: (height: string) => `${height}p`,
  perHour: (megabytes: string) => `${megabytes} MB per hour`,
  upTo: (text: string) => `up to ${text}`,
  dataSaver: 'Data saver',
  dataSaverWhy: 'Smallest picture, narrow sound.',
  audioOnly: 'Sound only',
  audioOnlyOn: 'Sound only. The picture is off.',
  backToStart: 'Back to the start',
  backToStartBusy: (done: string, all: string) => `Checking the recording: ${done} of ${all} parts`,
  noArchiveYet: 'The recording begins with the first five minutes. Not yet.',
  pictureInPicture: 'Picture in picture',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  close: 'Close',
  keyboard: 'Keyboard',
  keyPlay: 'play or pause',
  keyMute: 'sound on or off',
  keyFull: 'full screen',
  keyVolume: 'volume',
  keySeek: '10 seconds back or forward',
  keyLive: 'rejoin live',
  keyAudio: 'next sound language',
  keyPicture: 'picture in picture',
  keyDetails: 'proof and details',
  keyHelp: 'this list',

  // share
  share: 'Share',
  shareText: 'Share the text',
  shareWords: (title: string, link: string) => `${title}\n${link}`,
  shareWhy: 'The link names the event by its key. Whoever opens it checks every second, as you do.',
  copyLink: 'Copy the link',
  copied: 'Copied',
  qrLabel: 'The link as a QR code',

  // the sign
  verified: 'Verified',
  eventVerified: 'Event verified',
  verifiedWhy: 'Every byte you see and hear was checked on this device before it was played.',
  signedBy: 'Signed by the holder of event',
  compareWords: 'Compare these words with the ones that the organiser has published. A title alone proves nothing.',
  details: 'Proof and details',
  mirrorNow: 'Mirror in use',
  operatedBy: (operator: string) => `run by ${apart(operator)}`,
  mirrorsKnown: 'Mirrors known',
  delay: 'Delay',
  delayWhy: 'since it was signed',
  lastSigned: 'Newest signature',
  seconds: (count: string) => `${count} s`,
  checked: 'Checked and played',
  refused: 'Refused',
  refusedWhy: 'Bytes that did not verify. None of them was played.',
  unverifiedPlayed: 'Unverified bytes played',
  megabytes: (count: string) => `${count} MB`,
  kilobytes: (count: string) => `${count} kB`,
  bytes: (count: string) => `${count} bytes`,
  engine: 'Checked with',
  engineWeb: 'the browser’s own cryptography',
  engineNoble: 'built-in cryptography',
  caught: 'Caught',
  caughtNone: 'No mirror has lied to you.',
  evidence: 'Save the evidence',
  unlistedMirror: 'a mirror from the link',

  // what was caught; shown once, kept in the details
  noteForging: 'This mirror was lying. You are now on another.',
  noteFrozen: 'This mirror stood still. You are now on another.',
  noteStale: 'This mirror showed an old moment. You are now on another.',
  noteRefused: 'A mirror sent something that did not verify. It was not played.',
  noteRank: 'The organiser has moved to a new signing key.',
  noteRevoked: 'A stolen key was withdrawn by the organiser.',
  atMirror: (mirror: string, at: string) => `${apart(mirror)}, ${at}`,

  // standing warnings
  twoVersions: 'Two versions of this programme exist',
  twoVersionsWhy:
    'Both carry a valid signature, so a signing key may be stolen. You stay on the version you were watching until the organiser’s next key decides.',
  lineSlow: 'Your line is slow',
  lineSlowWhy: 'Playing a little later and smaller, so that it does not stop.',
  clockWrong: 'The clock of this device is wrong',
  clockWrongWhy: (signed: string) => `The programme was signed at ${signed}. Set the clock to see what is live.`,
  trustOld: 'The organiser’s documents have expired',
  trustOldWhy: (at: string) => `Played as it was signed at ${at}.`,
  offline: 'No network',
  offlineWhy: 'This page was kept on your device. It goes on as soon as there is a network.',
  loginNetwork: 'This network wants a login first',
  loginNetworkWhy: 'Everything asked for came back as a web page. Log in to the network, then return here.',
  noMirror: 'No mirror answers',
  noMirrorWhy: 'Still trying. A fresh link from the organiser may know more mirrors.',

  // errors that end it
  noLink: 'There is no event in this link',
  noLinkWhy: 'Ask the organiser for the whole link. It looks like “…#1:” followed by 52 letters and digits.',
  badLink: 'This link is damaged',
  badLinkWhy: 'Part of it is missing or changed. Copy it again, as a whole.',
  otherEvent: 'This player belongs to another event',
  otherEventWhy: 'It was made for one event only, and plays no other. Open your link with that event’s own player.',
  noTrust: 'This event cannot be proved',
  noTrustWhy: 'What the mirrors sent does not belong to the key in your link. Nothing of it is shown.',
  badEvent: 'This event’s description cannot be read',
  badEventWhy: 'It is signed, but this page does not understand it. A newer page may.',
  noMediaSource: 'This device cannot check what it plays',
  noMediaSourceWhy:
    'Its browser has no way to play checked bytes (iPhones need iOS 17.1 or later). An unchecked stream is not shown here. On this device, ask the organiser for another way.',
  noCodec: 'This browser cannot play the pictures',
  noCodecWhy: 'It has no H.264 or AAC. Another browser on this device may.',
  playerFault: 'Something went wrong in this page',
  playerFaultWhy: 'It is starting again by itself.',

  // this device
  noTrace: 'Leave no trace',
  noTraceWhy: 'Keeps nothing on this device: not the page, not the language, not the newest moment seen, not which mirrors to ask.',
  noTraceCost: 'Without it, an old moment shown as new is noticed even after a restart.',
  noTraceOn: 'Nothing is kept on this device.',
  kept: 'Kept on this device: the newest moment seen, which mirrors to ask, the language, and this page.',
  volunteers: 'Volunteers’ mirrors',
  volunteersWhy: 'Strangers carry the programme and see the address of your device; they can change nothing. Without them, only the organiser’s own mirrors are asked.',

  about: 'No account, no cookies, no one else’s servers.',
};

/** What every language must say. */
export type Words = {
  readonly [K in keyof typeof en]: (typeof en)[K] extends (...parts: infer P) => string ? (...parts: P) => string : (typeof en)[K];
};
