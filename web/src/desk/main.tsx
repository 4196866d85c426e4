import { openPage } from '../shared/start';
import { App } from './components/App';
import { Office } from './office';
import './style/index.css';
import { DICTIONARIES } from './words/words';

openPage({ dictionaries: DICTIONARIES, make: (...given) => new Office(...given), App });
