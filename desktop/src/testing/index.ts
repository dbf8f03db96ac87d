export { startApp } from '../main/app.ts';
export { daemonLink } from '../main/daemon-link.ts';
export { serveIpc } from '../main/ipc.ts';
export { pageResponder } from '../main/page-protocol.ts';
export { pageOrigin } from '../main/windows.ts';
export { ipcCallNames, ipcMessageNames } from '../shared/ipc-contract.ts';
export * from './fake-electron.ts';
export * from './fake-link.ts';
