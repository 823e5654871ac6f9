/**
 * The fragment of the URL: the token of an invitation, the members page, or a conversation. Browsers
 * do not send the fragment to any server, so no log contains a token.
 */
export const MEMBERS = "members";

export const getPlace = (): string => location.hash.slice(1);

/** Changes the fragment without a new entry in the browser's history. */
export function setPlace(fragment: string): void {
  history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname);
}

/** Returns the token when the person has opened the link of an invitation. */
export const getToken = (): string | undefined => /^join=(.+)$/.exec(getPlace())?.[1];

export const linkFor = (token: string): string =>
  `${location.origin}${location.pathname}#join=${token}`;
