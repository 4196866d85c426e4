import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons';
import { usePage } from './page-context';

/** A dialog: from below on a phone, at the side on a wide screen. Escape and a tap beside it close it. */
export function Sheet({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const { ask, words } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    if (element !== null && !element.open) element.showModal();
    return () => {
      element?.close();
      // by now the dialog is out of the document, and a browser gives the focus back only from one that is in it
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        ask.close();
      }}
      onClick={(event) => event.target === dialog.current && ask.close()}
    >
      <div class="sheet-body">
        <header>
          <h2 tabIndex={-1} autofocus>
            {title}
          </h2>
          <button type="button" class="round" aria-label={words.close} title={words.close} onClick={() => ask.close()}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly why: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

export function Switch({ label, why, on, onChange }: SwitchProps) {
  return (
    <label class="switch">
      <span>
        <strong>{label}</strong>
        <small>{why}</small>
      </span>
      <input type="checkbox" role="switch" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
  );
}

interface ChoiceProps {
  readonly group: string;
  readonly label: string;
  readonly aside?: string;
  readonly chosen: boolean;
  readonly lang?: string;
  readonly onChoose: () => void;
}

export function Choice({ group, label, aside, chosen, lang, onChoose }: ChoiceProps) {
  return (
    <label class={`choice${chosen ? ' chosen' : ''}`}>
      <input type="radio" name={group} checked={chosen} onChange={onChoose} />
      <span dir="auto" lang={lang}>
        {label}
      </span>
      {aside !== undefined && <small>{aside}</small>}
      <Icon name="check" />
    </label>
  );
}
