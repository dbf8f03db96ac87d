export { connectContainerd, type Containerd } from '../containerd/connect.ts';
export { createImages, type Images } from '../images/images.ts';
export { streamServer, udpServer, type LogServer } from '../containers/logs/testing/log-servers.ts';
export { ShareMounts } from '../shares/share-mounts.ts';
export { createLogger } from '../logger.ts';
