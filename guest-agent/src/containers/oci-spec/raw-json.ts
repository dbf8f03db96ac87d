/** A piece of JSON that JSON.stringify writes as it is. */
export type JsonText = Readonly<{ rawJSON: string }>;

const json = JSON as unknown as { rawJSON(text: string): JsonText };

export const rawJson = (text: string): JsonText => json.rawJSON(text);
