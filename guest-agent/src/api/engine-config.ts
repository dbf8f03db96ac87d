/** Keys of daemon.json that this engine acts upon. Any other one of Docker's is refused, not passed over. */
export const engineConfigKeys: readonly string[] = [
  'bip',
  'debug',
  'default-runtime',
  'default-shm-size',
  'dns',
  'dns-opts',
  'dns-search',
  'insecure-registries',
  'labels',
  'log-driver',
  'log-opts',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'mtu',
  'runtimes',
];
