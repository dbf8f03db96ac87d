export interface RequestFacts {
  method: string;
  isWebSocket: boolean;
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
}

/**
 * Why a request must not be served; null when it may be. A name that points to 127.0.0.1 (DNS rebinding) shows in Host, a
 * page from elsewhere in Origin, which browsers send with everything that can change something.
 */
export function refusal(facts: RequestFacts, authority: string): string | null {
  if (facts.host !== authority) return `this is ${authority}, and no other name is served`;
  const { origin, method, isWebSocket } = facts;
  const own = `http://${authority}`;
  if (origin !== undefined && origin !== own) return 'requests from other origins are refused';
  if (origin === undefined && (isWebSocket || (method !== 'GET' && method !== 'HEAD'))) return 'the Origin is missing';
  const foreign = facts.fetchSite !== undefined && facts.fetchSite !== 'same-origin' && facts.fetchSite !== 'none';
  return foreign && isWebSocket ? 'requests from other sites are refused' : null;
}
