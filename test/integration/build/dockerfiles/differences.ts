/**
 * Cases in which the classic builder did otherwise than BuildKit does, in dockerd as here: both requests have
 * BuildKit's outcome. What is said for each is why.
 */
export const onlyBuildkits: Readonly<Record<string, string>> = {
  'scratch with a file': 'an image that began with nothing has / for a working directory',
  'COPY from a stage by number': 'the same',
  'COPY from an image': 'the same',
  'RUN with a heredoc': 'the classic builder took the mark for an empty input and ran nothing',
  'COPY with a heredoc': 'the classic builder knew no heredocs',
  'ARG after ENV': 'the later one counts',
  'COPY with an owner by name': 'a name is looked for where there are accounts, and is root where there are none',
  'error: COPY for an unknown user': 'the same',
  'error: no file of a pattern': 'a pattern may match nothing',
  'error: outside of the context': 'paths are taken as below the context, wherever they lead',
  'error: COPY several to a file': 'the last one is it',
};

/** Errors of version 2 that dockerd's own executor words in another way than BuildKit's for containerd. */
export const worded: Readonly<Record<string, RegExp>> = {
  'error: no such program':
    /^process "\/no\/such\/program" did not complete successfully: failed to create shim task: /,
};
