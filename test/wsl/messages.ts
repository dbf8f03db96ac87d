/** What wsl.exe says, in English and German. */
export const messages = {
  done: ['The operation completed successfully.', 'Der Vorgang wurde erfolgreich beendet.'],
  none: [
    'Windows Subsystem for Linux has no installed distributions.',
    'Für das Windows-Subsystem für Linux sind keine Distributionen installiert.',
  ],
  unknown: [
    'There is no distribution with the supplied name.',
    'Es ist keine Distribution mit dem angegebenen Namen vorhanden.',
  ],
  exists: [
    'A distribution with the supplied name already exists.',
    'Eine Distribution mit dem angegebenen Namen ist bereits vorhanden.',
  ],
  inUse: [
    'The supplied install location is already in use.',
    'Der angegebene Installationsort wird bereits verwendet.',
  ],
  failed: ['The operation failed.', 'Der Vorgang ist fehlgeschlagen.'],
} as const;

export type MessageName = keyof typeof messages;
