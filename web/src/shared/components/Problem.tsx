/** What was refused, and why. What the server said beside its code is English, and shown as it is. */
import type { Refusal } from '../server';
import type { CommonWords } from '../words/en';
import { known } from '../words/known';

interface ProblemProps {
  readonly problem: Refusal | null;
  readonly words: CommonWords;
  readonly close?: (() => void) | undefined;
}

export function Problem({ problem, words, close }: ProblemProps) {
  if (problem === null) return null;
  return (
    <div class="problem" role="alert" data-code={problem.code}>
      <p>
        <b>{words.refused}:</b> {known(words.refusalWords, problem.code) ?? problem.code}
        {problem.message !== '' && (
          <span class="soft" lang="en" dir="ltr">
            {' '}
            {problem.message}
            {problem.hint !== '' && ` ${problem.hint}`}
          </span>
        )}
      </p>
      {close !== undefined && (
        <button type="button" class="quiet" onClick={close}>
          {words.close}
        </button>
      )}
    </div>
  );
}
