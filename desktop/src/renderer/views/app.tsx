import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { backend, inApp } from '../backend/choose.ts';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Notices } from '../parts/notices.tsx';
import { disconnected } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { view, type ViewName } from '../state/view.ts';
import { ContainersView } from './containers.tsx';
import { EngineView } from './engine.tsx';
import { ImagesView } from './images.tsx';
import { LogView } from './log.tsx';
import { ProblemsView } from './problems.tsx';
import { SettingsView } from './settings.tsx';
import { Sidebar, viewLabels } from './sidebar.tsx';
import { VolumesView } from './volumes.tsx';

const views: Record<ViewName, ComponentType> = {
  containers: ContainersView,
  images: ImagesView,
  volumes: VolumesView,
  settings: SettingsView,
  engine: EngineView,
  problems: ProblemsView,
  log: LogView,
};

export function App() {
  const View = views[view.value];
  useEffect(() => void (document.title = `${viewLabels[view.value]} · berth`), [view.value]);
  return (
    <div class="app">
      <Sidebar />
      <main>
        {disconnected.value !== null && <DisconnectedBanner reason={disconnected.value} />}
        <View />
      </main>
      <ConfirmDialog />
      <Notices />
    </div>
  );
}

function DisconnectedBanner({ reason }: { reason: string }) {
  return (
    <div class="banner" role="alert">
      The daemon does not answer ({reason}).{' '}
      {inApp ? (
        <button type="button" onClick={() => void attempt(() => backend.call('start', {}))}>
          Start berth
        </button>
      ) : (
        <>
          If it was started anew, <code>berth dashboard</code> opens a new link.
        </>
      )}
    </div>
  );
}
