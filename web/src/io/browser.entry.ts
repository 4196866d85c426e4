/** What browser.test.ts loads into real browsers. */
export { chooseCrypto, nobleCrypto } from './crypto';
export { FetchFailed, fetchBounded } from './fetch';
export { Memory } from './persist';
