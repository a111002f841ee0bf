// Standard base64 with padding, as Go's encoding/base64.StdEncoding writes it.

export function toBase64(bytes: Uint8Array): string {
  let s = "";
  for (const b of bytes) s += String.fromCharCode(b);
  return btoa(s);
}

/** Throws on anything that is not base64. */
export function fromBase64(s: string): Uint8Array<ArrayBuffer> {
  const raw = atob(s);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
