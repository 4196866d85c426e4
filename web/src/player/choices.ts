/** What a viewer chose and should not have to choose again: the language, and that no stranger's mirror be asked. */
import type { TextStore } from '../io/persist';

const LANGUAGE = 'huma:language';
const VOLUNTEERS = 'huma:volunteers';
const OFF = 'off';

export class Choices {
  constructor(
    private readonly store: TextStore | null,
    private readonly mayKeep: () => boolean,
  ) {}

  get language(): string | null {
    return this.store?.getItem(LANGUAGE) ?? null;
  }

  /** A visit that asked strangers first, until the choice is made again, would have shown them the address already. */
  get volunteers(): boolean {
    return this.store?.getItem(VOLUNTEERS) !== OFF;
  }

  keepLanguage(language: string): void {
    this.keep(LANGUAGE, language);
  }

  keepVolunteers(on: boolean): void {
    this.keep(VOLUNTEERS, on ? null : OFF);
  }

  forget(): void {
    for (const name of [LANGUAGE, VOLUNTEERS]) this.keep(name, null);
  }

  private keep(name: string, value: string | null): void {
    try {
      if (value === null) this.store?.removeItem(name);
      else if (this.mayKeep()) this.store?.setItem(name, value);
    } catch {
      // storage is full or denied: the choice lasts as long as the page
    }
  }
}
