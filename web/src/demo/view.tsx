/** The demo's page: two players, what they show, and the switches. */
import type { Signal } from '@preact/signals';
import type { DemoConfig, DemoState, Fault, MirrorName, MirrorState } from './config';
import { FAULTS } from './config';
import type { Showing } from './sentence';
import { announcementOf, moodOf, sentenceOf } from './sentence';
import { STOCK_VERSION } from './stock';
import type { Watch } from './watch';
import type { DemoLanguage, DemoWords } from './words';
import { WORDS, figure } from './words';

export interface Asks {
  switch(mirror: MirrorName, fault: Fault | 'restore'): void;
  restoreAll(): void;
  countAgain(): void;
  setLanguage(language: DemoLanguage): void;
}

function Figure({ name, value, bad }: { readonly name: string; readonly value: string; readonly bad: boolean }) {
  return (
    <div class={bad ? 'figure bad' : 'figure'}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface LineProps {
  readonly name: string;
  readonly showing: Showing;
  readonly mirror: string | null;
  readonly words: DemoWords;
}

/** The sentence changes with every second; only a change of mood is spoken aloud. */
function Line({ name, showing, mirror, words }: LineProps) {
  const mood = moodOf(showing);
  return (
    <p class={`line ${mood}`}>
      <span class="lamp" aria-hidden="true" />
      <span>
        {sentenceOf(showing, words)}
        {mood !== 'stalled' && <span class="soft"> {mirrorName(mirror, words)}</span>}
      </span>
      <span class="spoken" role="status">
        {`${name}: ${announcementOf(showing, words)}`}
      </span>
    </p>
  );
}

const inSeconds = (ms: number, words: DemoWords): string => words.seconds(figure(ms / 1000, words, 1));

function mirrorName(id: string | null, words: DemoWords): string {
  const name = id === null ? undefined : words.mirrorNames[id as MirrorName];
  return name === undefined ? '' : words.fromMirror(name);
}

export function StockLine({ watch, words }: { readonly watch: Watch; readonly words: DemoWords }) {
  const view = watch.stock.value;
  if (view === null) return null;
  const { showing, report } = view;
  return (
    <>
      <Line name={words.stockName(STOCK_VERSION)} showing={showing} mirror={report.mirror} words={words} />
      <dl class="figures">
        <Figure name={words.longestStall} value={inSeconds(showing.stalls.longestMs, words)} bad={showing.stalls.longestMs > 0} />
        <Figure name={words.stallsNow} value={figure(showing.stalls.count, words)} bad={showing.stalls.count > 0} />
        <Figure name={words.liesShown} value={figure(report.falseSegments, words)} bad={report.falseSegments > 0} />
        <Figure
          name={words.falseBytes}
          value={words.kilobytes(figure(report.falseBytes / 1000, words))}
          bad={report.falseBytes > 0}
        />
      </dl>
    </>
  );
}

export function HumaLine({ watch, words }: { readonly watch: Watch; readonly words: DemoWords }) {
  const view = watch.huma.value;
  if (view === null) return null;
  const { showing, report } = view;
  return (
    <>
      <Line name={words.humaName} showing={showing} mirror={report?.mirror ?? null} words={words} />
      <dl class="figures">
        <Figure name={words.longestStall} value={inSeconds(showing.stalls.longestMs, words)} bad={showing.stalls.longestMs > 0} />
        <Figure name={words.caught} value={figure(report?.caught.length ?? 0, words)} bad={false} />
        <Figure name={words.falseRefused} value={words.kilobytes(figure((report?.refusedBytes ?? 0) / 1000, words))} bad={false} />
        <Figure
          name={words.falseBytes}
          value={words.kilobytes(figure((report?.unverifiedPlayed ?? 0) / 1000, words))}
          bad={(report?.unverifiedPlayed ?? 0) > 0}
        />
      </dl>
    </>
  );
}

function MirrorCard({ mirror, words, asks }: { readonly mirror: MirrorState; readonly words: DemoWords; readonly asks: Asks }) {
  const { id, fault, lies } = mirror;
  const sentence = fault === 'none' ? words.honest : words.doing[fault];
  const told = fault === 'none' ? words.liesToldBefore : words.liesTold;
  return (
    <section class={fault === 'none' ? 'mirror' : 'mirror faulty'} aria-label={words.mirrorNames[id]} data-mirror={id} data-fault={fault}>
      <header>
        <h3>{words.mirrorNames[id]}</h3>
        <bdi dir="ltr" class="soft">
          {mirror.url.replace(/^http:\/\/|\/$/g, '')}
        </bdi>
      </header>
      <p class="doing">
        {sentence}
        {lies > 0 && <span class="soft"> {told(figure(lies, words))}</span>}
      </p>
      <div class="switches" role="group" aria-label={words.mirrorNames[id]}>
        {FAULTS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={fault === kind}
            title={words.doing[kind]}
            data-kind={kind}
            onClick={() => asks.switch(id, fault === kind ? 'restore' : kind)}
          >
            {words.faults[kind]}
          </button>
        ))}
        <button type="button" class="restore" data-kind="restore" disabled={fault === 'none'} onClick={() => asks.switch(id, 'restore')}>
          {words.restore}
        </button>
      </div>
    </section>
  );
}

interface PageProps {
  readonly config: DemoConfig;
  readonly language: Signal<DemoLanguage>;
  readonly state: Signal<DemoState>;
  readonly gone: Signal<boolean>;
  readonly watch: Signal<Watch | null>;
  readonly asks: Asks;
  readonly stock: (video: HTMLVideoElement | null) => void;
  readonly huma: (frame: HTMLIFrameElement | null) => void;
}

function Header({ words, language, asks }: { readonly words: DemoWords; readonly language: DemoLanguage; readonly asks: Asks }) {
  const other = language === 'en' ? 'fa' : 'en';
  return (
    <header class="top">
      <h1>{words.heading}</h1>
      <button type="button" class="quiet" lang={other} onClick={() => asks.setLanguage(other)}>
        {words.otherName}
      </button>
      <p class="soft lead">{words.lead}</p>
    </header>
  );
}

export function Page({ config, language, state, gone, watch, asks, stock, huma }: PageProps) {
  const words = WORDS[language.value];
  const seen = watch.value;
  return (
    <div class="page" dir={words.dir} lang={language.value}>
      <Header words={words} language={language.value} asks={asks} />
      {gone.value && <p class="gone" role="alert">{words.serverGone}</p>}
      <main>
        {/* stock stands left and Huma right in both directions, as every picture of it says */}
        <div class="players" dir="ltr">
          <section class="player" id="stock" dir={words.dir}>
            <h2>{words.stockName(STOCK_VERSION)}</h2>
            <p class="soft why">{words.stockWhy}</p>
            <video ref={stock} autoplay muted playsinline controls disablePictureInPicture />
            {seen !== null && <StockLine watch={seen} words={words} />}
          </section>
          <section class="player" id="huma" dir={words.dir}>
            <h2>{words.humaName}</h2>
            <p class="soft why">{words.humaWhy}</p>
            <iframe ref={huma} title={words.humaName} allow="autoplay; fullscreen; picture-in-picture" />
            {seen !== null && <HumaLine watch={seen} words={words} />}
          </section>
        </div>
        <section class="strip">
          <header>
            <h2>{words.mirrors}</h2>
            <button type="button" class="quiet" onClick={() => asks.countAgain()}>
              {words.countAgain}
            </button>
            <button
              type="button"
              class="quiet"
              disabled={state.value.mirrors.every(({ fault }) => fault === 'none')}
              onClick={() => asks.restoreAll()}
            >
              {words.restoreAll}
            </button>
          </header>
          <div class="mirrors">
            {state.value.mirrors.map((mirror) => (
              <MirrorCard key={mirror.id} mirror={mirror} words={words} asks={asks} />
            ))}
          </div>
        </section>
      </main>
      <footer>
        <p>{words.honestly}</p>
        {config.light && <p>{words.lightNote}</p>}
      </footer>
    </div>
  );
}
