/**
 * Returns a runner for requests of which only the last one counts. Each request aborts the one
 * before, and the end of the session aborts all. A late answer throws an `AbortError`, so that one
 * person's data never appears on another's page.
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
