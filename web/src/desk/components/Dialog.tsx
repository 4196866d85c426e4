/** A question that holds everything else still: the browser keeps the focus inside, and Escape takes it back. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly close: () => void;
  readonly isGrave: boolean;
}

export function Dialog({ title, children, close, isGrave }: DialogProps) {
  const place = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    const dialog = place.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog?.close();
      // what opened it may be gone: the mirror was removed
      if (opener?.isConnected === true) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={place}
      class={isGrave ? 'question grave' : 'question'}
      role={isGrave ? 'alertdialog' : 'dialog'}
      aria-modal="true"
      aria-labelledby="question-title"
      aria-describedby="question-says"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id="question-title">{title}</h2>
      {children}
    </dialog>
  );
}
