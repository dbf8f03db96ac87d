/** Several problems in one text, as dockerd puts them: one stands alone, more become a list. */
export const problemList = (problems: readonly string[]): string =>
  problems.length === 1 ? (problems[0] as string) : problems.map((problem) => `* ${problem}`).join('\n');
