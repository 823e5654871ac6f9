/**
 * Makes a runner of requests of which only the last one matters: each aborts the one before it, and
 * the end of the session aborts them all. An answer that comes too late is an `AbortError`, too, so
 * that nothing of one person is shown to the next.
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
