/**
 * Returns a function that runs a request and aborts the previous one. The end of the session aborts
 * all requests. A late answer throws an `AbortError`, so that one person's data never appears on
 * another person's page.
 */
export function onlyLatest(session: AbortSignal) {
  let current = new AbortController();
  return async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    current.abort();
    current = new AbortController();
    const signal = AbortSignal.any([session, current.signal]);
    const answer = await run(signal);
    signal.throwIfAborted();
    return answer;
  };
}
