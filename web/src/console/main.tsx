import { openPage } from '../shared/start';
import { App } from './components/App';
import { Desk } from './desk';
import { isSlateKey } from './keys';
import './style/index.css';
import { DICTIONARIES } from './words/words';

const page = openPage({ dictionaries: DICTIONARIES, make: (...given) => new Desk(...given), App });

document.addEventListener('keydown', (event) => {
  if (page.isClosed() || !isSlateKey(event, document.activeElement as HTMLElement | null)) return;
  event.preventDefault();
  page.link?.toggleSlate();
});
