/** Small parts that several cards are made of. */
import type { ComponentChildren } from 'preact';

interface CardProps {
  readonly name: string;
  readonly id: string;
  readonly children: ComponentChildren;
}

export function Card({ name, id, children }: CardProps) {
  return (
    <section class="card" id={id} aria-labelledby={`${id}-name`}>
      <h2 id={`${id}-name`}>{name}</h2>
      {children}
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly mood?: 'bad' | 'warn' | undefined;
  readonly id?: string | undefined;
}

/** A number with its name. The mood is never told by colour alone: a mark stands before it. */
export function Figure({ name, children, mood, id }: FigureProps) {
  return (
    <div class={mood === undefined ? 'figure' : `figure ${mood}`} data-figure={id}>
      <dt>{name}</dt>
      <dd>
        {mood !== undefined && <Mark mood={mood} />}
        {children}
      </dd>
    </div>
  );
}

/** A triangle for what is amber, a square with a bar for what is red. */
export function Mark({ mood }: { readonly mood: 'bad' | 'warn' }) {
  return (
    <svg class={`mark ${mood}`} viewBox="0 0 16 16" aria-hidden="true">
      {mood === 'warn' ? <path d="M8 1.5 15.2 14.5H.8Z" /> : <path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z" />}
      <path class="stroke" d={mood === 'warn' ? 'M8 6v4M8 12v.9' : 'M8 4v5M8 11v1'} />
    </svg>
  );
}

/** What a person or a machine has named: it is written in whatever direction its letters have. */
export function Named({ children }: { readonly children: ComponentChildren }) {
  return (
    <bdi class="named" dir="auto">
      {children}
    </bdi>
  );
}
