import { render } from 'preact';
import { followDaemon } from './state/live.ts';
import { App } from './views/app.tsx';

render(<App />, document.getElementById('app')!);
void followDaemon();
