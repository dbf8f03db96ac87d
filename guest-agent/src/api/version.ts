/** Engine API versions served, as in `/v1.51/…`; a request without a prefix means {@link apiVersion}. */
export const apiVersion = '1.51';
export const minApiVersion = '1.24';
