/** berth's own version, and the dockerd whose behaviour this engine follows. */
export const berthVersion = '0.1.0';
export const engineVersion = `28.5.2+berth.${berthVersion}`;
