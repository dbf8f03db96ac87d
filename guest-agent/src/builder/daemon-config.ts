/** buildkitd.toml: what the engine's settings mean for builds. */
export function daemonConfig({ insecureRegistries }: { insecureRegistries: readonly string[] }): string {
  // BuildKit knows hosts only; loopback addresses it treats as Docker does by itself.
  const hosts = insecureRegistries.filter((registry) => !registry.includes('/'));
  return hosts.map((host) => `[registry.${JSON.stringify(host)}]\n  http = true\n  insecure = true\n`).join('\n');
}
