import { useEffect, useState } from 'preact/hooks';
import { inLanguage } from '../i18n/words';
import { Sheet } from './Sheet';
import { Icon } from './icons';
import { usePage } from './page-context';

/** The QR code as one path. Its maker is loaded only when somebody shares. */
function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const [path, setPath] = useState<{ readonly d: string; readonly side: number } | null>(null);
  useEffect(() => {
    let shown = true;
    void import('uqr').then(({ encode }) => {
      const { data, size } = encode(text, { ecc: 'M', border: 2 });
      const d = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
      if (shown) setPath({ d, side: size });
    });
    return () => {
      shown = false;
    };
  }, [text]);
  return (
    <div class="qr">
      {path !== null && (
        <svg viewBox={`0 0 ${path.side} ${path.side}`} role="img" aria-label={label} shape-rendering="crispEdges">
          <path d={path.d} />
        </svg>
      )}
    </div>
  );
}

export function ShareSheet() {
  const { state, ask, words } = usePage();
  const [copied, setCopied] = useState(false);
  const facts = state.facts.value;
  if (facts === null) return null;
  const title = inLanguage(facts.event.title, state.language.value);
  const copy = (): void => void ask.copyLink().then(setCopied);
  return (
    <Sheet title={words.share}>
      <p class="soft">{words.shareWhy}</p>
      <Qr text={facts.link} label={`${words.qrLabel}: ${title}`} />
      <p class="link-text" dir="ltr">
        {facts.link}
      </p>
      <div class="row">
        <button type="button" class="main" onClick={copy}>
          <Icon name={copied ? 'check' : 'copy'} />
          <span role="status">{copied ? words.copied : words.copyLink}</span>
        </button>
        {'share' in navigator && (
          <button type="button" class="second" onClick={() => ask.shareText()}>
            <Icon name="share" />
            <span>{words.shareText}</span>
          </button>
        )}
      </div>
    </Sheet>
  );
}
