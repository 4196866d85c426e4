/** The one key of the page: S shows the slate, wherever one is, unless one writes. */

/** What of an element is needed, so that this can be tried without a page. */
interface Place {
  readonly tagName?: string;
  readonly type?: string;
  readonly isContentEditable?: boolean;
}

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'repeat' | 'ctrlKey' | 'altKey' | 'metaKey'>;

const WRITTEN_INTO = new Set(['text', 'number', 'search', 'email', 'url', 'tel', 'password']);

const isWriting = ({ tagName, type, isContentEditable }: Place): boolean =>
  isContentEditable === true || tagName === 'TEXTAREA' || tagName === 'SELECT' || (tagName === 'INPUT' && WRITTEN_INTO.has(type ?? 'text'));

/** On a Farsi keyboard the same key writes another letter: its place counts too. */
export function isSlateKey(press: Press, where: Place | null): boolean {
  if (press.repeat || press.ctrlKey || press.altKey || press.metaKey) return false;
  if (where !== null && isWriting(where)) return false;
  return press.key.toLowerCase() === 's' || (press.code === 'KeyS' && !/^[a-z]$/i.test(press.key));
}
