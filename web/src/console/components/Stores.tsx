/** Where the signed stream is brought to. */
import { NOTHING, age, number } from '../../shared/figures';
import type { ConsoleState, Store } from '../state';
import type { Words } from '../words/words';
import { alarmSaid } from '../words/words';
import { Card, Mark, Named } from '../../shared/components/parts';

interface StoresProps {
  readonly state: ConsoleState;
  readonly words: Words;
}

const OLD_MS = 15_000;

export function Stores({ state, words }: StoresProps) {
  return (
    <Card name={words.stores} id="stores">
      {state.stores.length === 0 ? (
        <p class="soft">{words.noStores}</p>
      ) : (
        // a narrow screen shows each row as a small card; the roles keep it a table for whoever listens
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              {[words.store, words.state, words.tick, words.age, words.behind].map((name) => (
                <th key={name} role="columnheader" scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {state.stores.map((store) => (
              <StoreRow key={store.place} store={store} state={state} words={words} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function StoreRow({ store, state, words }: StoresProps & { readonly store: Store }) {
  const old = store.age_ms !== null && store.age_ms > OLD_MS;
  const cells: readonly (readonly [name: string, value: string, bad: boolean])[] = [
    [words.tick, number(store.tick, words), false],
    [words.age, age(store.age_ms, words), old],
    [words.behind, number(store.behind, words), store.behind > 0 && !store.ok],
  ];
  return (
    <tr role="row" data-store={store.place}>
      <td role="cell" class="name">
        <Named>{store.name}</Named>
      </td>
      <td role="cell" class={store.ok ? 'ok' : 'bad'}>
        {store.ok ? (
          words.ok
        ) : (
          <>
            <Mark mood="bad" /> {alarmSaid({ code: store.code || NOTHING, where: '' }, state, words).says}
          </>
        )}
      </td>
      {cells.map(([name, value, bad]) => (
        <td key={name} role="cell" class={bad ? 'number bad' : 'number'} data-name={name}>
          {value}
        </td>
      ))}
    </tr>
  );
}
