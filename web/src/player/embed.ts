/**
 * <huma-player event="…" mirrors="https://a.example/ https://b.example/"> for other people's sites: the page in a frame of the
 * host that this script came from. The frame is sandboxed; it needs scripts, its own origin for what it remembers, and the
 * full screen.
 */
const here = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;

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
    frame.allow = 'autoplay; fullscreen; picture-in-picture; clipboard-write';
    frame.allowFullscreen = true;
    frame.referrerPolicy = 'no-referrer';
    frame.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-popups', 'allow-downloads');
    frame.style.cssText = 'display:block;border:0;inline-size:100%;aspect-ratio:16/9;min-block-size:420px;border-radius:12px;background:#0b0d11';
    this.style.display ||= 'block';
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
