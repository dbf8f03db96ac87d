export { connectContainerd, type Containerd } from '../containerd/connect.ts';
export { createImages, type Images } from '../images/images.ts';
export { streamServer, udpServer, type LogServer } from '../containers/logs/testing/log-servers.ts';
