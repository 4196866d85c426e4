/** What the demo says, in English and Farsi. A sentence that is missing in one language does not compile. */
import type { Fault, MirrorName } from './config';

const en = {
  dir: 'ltr' as 'ltr' | 'rtl',
  locale: 'en-GB',
  otherName: 'فارسی',
  heading: 'One live programme, three mirrors, two players',
  lead: 'Both players watch the same stream through the same three mirrors. Make a mirror lie, freeze or die, and look at both.',
  stockName: (version: string) => `Stock player (hls.js ${version})`,
  stockWhy: 'As websites use it. It knows the mirrors as redundant variants and believes whatever they send.',
  humaName: 'Huma',
  humaWhy: 'Checks every byte against the broadcaster’s signature before it plays, and leaves a mirror that fails.',

  opening: 'Opening…',
  playing: 'Playing.',
  playingBehind: (seconds: string) => `Playing, ${seconds} s behind the camera.`,
  paused: 'Paused.',
  still: (seconds: string) => `The picture has stood still for ${seconds} s.`,
  standsStill: 'The picture stands still.',
  showing: {
    forge: 'Showing a forged picture as if it were the programme.',
    swap: 'Showing an older picture in the place of this one, and does not notice.',
    corrupt: 'Showing damaged pictures.',
  } as Readonly<Record<'forge' | 'swap' | 'corrupt', string>>,
  gaveUp: (what: string) => `Reports an error (${what}) and starts again.`,
  fromMirror: (mirror: string) => `From ${mirror}.`,

  longestStall: 'Longest stall',
  stallsNow: 'Stalls',
  liesShown: 'False segments shown',
  falseBytes: 'False bytes shown',
  caught: 'Mirrors caught',
  falseRefused: 'False bytes refused',
  seconds: (count: string) => `${count} s`,
  kilobytes: (count: string) => `${count} kB`,
  countAgain: 'Count from zero',

  mirrors: 'The mirrors',
  mirrorNames: { north: 'North', east: 'East', west: 'West' } as Readonly<Record<MirrorName, string>>,
  honest: 'Serves honestly.',
  restore: 'Restore',
  restoreAll: 'Restore all',
  liesTold: (count: string) => `${count} false answers so far`,
  liesToldBefore: (count: string) => `${count} false answers earlier`,
  faults: {
    kill: 'Kill',
    hang: 'Hang',
    freeze: 'Freeze',
    slow: 'Slow',
    corrupt: 'Corrupt',
    swap: 'Swap',
    forge: 'Forge',
  } as Readonly<Record<Fault, string>>,
  doing: {
    kill: 'Dead: refuses every connection.',
    hang: 'Takes every question and never answers.',
    freeze: 'Stands still: shows one moment again and again.',
    slow: 'Drips: 4 kB a second.',
    corrupt: 'Flips bits in every segment.',
    swap: 'Serves genuine pictures from another moment.',
    forge: 'Serves its own programme, signed with its own key.',
  } as Readonly<Record<Fault, string>>,
  serverGone: 'The demo was stopped. Start it again with: huma demo',

  honestly:
    'The stock player runs with its default settings and its documented error recovery. Three redundant variants in one multivariant playlist are its own way to fail over; nothing was made worse for it. What it shows is judged by this page, not by the player.',
  lightNote: 'Prepared pictures are repeated to spare this machine, so the clock in the picture is not the time of day.',
};

export type DemoWords = {
  readonly [K in keyof typeof en]: (typeof en)[K] extends (...parts: infer P) => string ? (...parts: P) => string : (typeof en)[K];
};

const fa: DemoWords = {
  dir: 'rtl',
  locale: 'fa-IR',
  otherName: 'English',
  heading: 'یک پخش زنده، سه آینه، دو پخش‌کننده',
  lead: 'هر دو پخش‌کننده همان برنامه را از همان سه آینه می‌گیرند. آینه‌ای را به دروغ، ایست یا مرگ وادارید و هر دو را ببینید.',
  stockName: (version) => `پخش‌کنندهٔ معمول (hls.js ${version})`,
  stockWhy: 'همان‌گونه که در وب‌گاه‌ها به کار می‌رود. آینه‌ها را گونه‌های هم‌ارز می‌شناسد و هرچه بفرستند باور می‌کند.',
  humaName: 'هما',
  humaWhy: 'هر بایت را پیش از پخش با امضای پخش‌کنندهٔ برنامه می‌سنجد و آینهٔ نادرست را رها می‌کند.',

  opening: 'در حال باز شدن…',
  playing: 'در حال پخش.',
  playingBehind: (seconds) => `در حال پخش، ${seconds} ثانیه پس از دوربین.`,
  paused: 'ایست.',
  still: (seconds) => `تصویر ${seconds} ثانیه است که ایستاده.`,
  standsStill: 'تصویر ایستاده است.',
  showing: {
    forge: 'تصویری جعلی را به جای برنامه نشان می‌دهد.',
    swap: 'تصویری کهنه‌تر را به جای این لحظه نشان می‌دهد و درنمی‌یابد.',
    corrupt: 'تصویرهای خراب نشان می‌دهد.',
  },
  gaveUp: (what) => `خطا گزارش می‌کند (${what}) و از نو آغاز می‌کند.`,
  fromMirror: (mirror) => `از آینهٔ ${mirror}.`,

  longestStall: 'بلندترین ایست',
  stallsNow: 'شمار ایست‌ها',
  liesShown: 'قطعه‌های دروغین نشان‌داده‌شده',
  falseBytes: 'بایت‌های دروغین نشان‌داده‌شده',
  caught: 'آینه‌های گرفته‌شده',
  falseRefused: 'بایت‌های دروغین ردشده',
  seconds: (count) => `${count} ثانیه`,
  kilobytes: (count) => `${count} کیلوبایت`,
  countAgain: 'شمارش از نو',

  mirrors: 'آینه‌ها',
  mirrorNames: { north: 'شمال', east: 'خاور', west: 'باختر' },
  honest: 'درست‌کار است.',
  restore: 'بازگرداندن',
  restoreAll: 'بازگرداندن همه',
  liesTold: (count) => `تاکنون ${count} پاسخ دروغ`,
  liesToldBefore: (count) => `پیش از این ${count} پاسخ دروغ`,
  faults: {
    kill: 'مرگ',
    hang: 'بی‌پاسخی',
    freeze: 'ایست',
    slow: 'کندی',
    corrupt: 'خرابی',
    swap: 'جابه‌جایی',
    forge: 'جعل',
  },
  doing: {
    kill: 'مرده است: هیچ اتصالی را نمی‌پذیرد.',
    hang: 'پرسش را می‌گیرد و هرگز پاسخ نمی‌دهد.',
    freeze: 'ایستاده است: یک لحظه را پیاپی نشان می‌دهد.',
    slow: 'چکه می‌کند: ۴ کیلوبایت در ثانیه.',
    corrupt: 'در هر قطعه بیت‌ها را وارونه می‌کند.',
    swap: 'تصویرهای اصیلِ لحظه‌ای دیگر را می‌دهد.',
    forge: 'برنامهٔ خودش را می‌دهد، با امضای کلید خودش.',
  },
  serverGone: 'نمایش متوقف شد. از نو آغاز کنید: huma demo',

  honestly:
    'پخش‌کنندهٔ معمول با تنظیمات پیش‌فرض و ترمیم خطای توصیه‌شدهٔ خودش کار می‌کند. سه گونهٔ هم‌ارز در یک فهرست، روش خود اوست برای گذر از آینه‌ای به آینهٔ دیگر؛ هیچ چیز برایش بدتر نشده است. آنچه نشان می‌دهد را این صفحه می‌سنجد، نه خود او.',
  lightNote: 'برای آسودن این دستگاه، تصویرهای آماده تکرار می‌شوند؛ پس ساعت درون تصویر ساعت روز نیست.',
};

export const WORDS = { en, fa } as const satisfies Record<string, DemoWords>;
export type DemoLanguage = keyof typeof WORDS;

export function firstLanguage(search: string, wanted: readonly string[]): DemoLanguage {
  const asked = new URLSearchParams(search).get('lang');
  if (asked === 'fa' || asked === 'en') return asked;
  return wanted[0]?.startsWith('fa') === true ? 'fa' : 'en';
}

export function figure(value: number, words: DemoWords, digits = 0): string {
  return value.toLocaleString(words.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
