/**
 * <huma-player event="…" mirrors="https://a.example/ https://b.example/"> for other people's sites: the page in a frame of the
 * host that this script came from. The frame is sandboxed; it needs scripts, its own origin for what it remembers, and the
 * full screen.
 */
const here = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;

/**
 * The picture at 16 : 9, and room for what stands above and below it at any width. Browsers that do not know `cqi` (before 2022)
 * keep the first height.
 */
const FRAME_STYLE =
  'display:block;border:0;inline-size:100%;block-size:720px;block-size:calc(56.25cqi + 420px);border-radius:12px;background:#0b0d11';

const EVENT = /^[a-z2-7]{52}$/;

class HumaPlayer extends HTMLElement {
  static readonly observedAttributes = ['event', 'mirrors', 'page', 'title'];

  connectedCallback(): void {
    this.show();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.show();
  }

  private show(): void {
    const event = this.getAttribute('event') ?? '';
    if (!EVENT.test(event)) {
      this.replaceChildren('huma-player: the attribute "event" needs the 52 letters and digits of an event.');
      return;
    }
    const frame = document.createElement('iframe');
    frame.src = this.address(event);
    frame.title = this.getAttribute('title') ?? 'Huma';
    // the full screen is allowed by the older attribute alone: browsers complain where both say it
    frame.allow = 'autoplay; picture-in-picture; clipboard-write';
    frame.allowFullscreen = true;
    frame.referrerPolicy = 'no-referrer';
    frame.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-popups', 'allow-downloads');
    frame.style.cssText = FRAME_STYLE;
    this.style.display ||= 'block';
    this.style.setProperty('container-type', 'inline-size');
    // a container has no width of its own, where it is not given one
    this.style.minInlineSize ||= 'min(320px, 100%)';
    this.replaceChildren(frame);
  }

  private address(event: string): string {
    const asked = new URL(this.getAttribute('page') ?? './', here);
    // a site may let strangers write this attribute: no scheme that runs in the site's own name
    const page = asked.protocol === 'https:' || asked.protocol === 'http:' ? asked : new URL('./', here);
    const mirrors = (this.getAttribute('mirrors') ?? '').split(/[\s,]+/).filter((url) => url !== '');
    const hints = mirrors.map((url) => `m=${encodeURIComponent(url)}`).join('&');
    return `${page.href}#1:${event}${hints === '' ? '' : `?${hints}`}`;
  }
}

if (customElements.get('huma-player') === undefined) customElements.define('huma-player', HumaPlayer);
