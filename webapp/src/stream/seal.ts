// Seals what lies on the shelf: AES-256-GCM under the room's draft key, which
// the page can use but not read back. The box's name is bound in, so that
// boxes cannot be swapped.
import { fromBase64 } from "../protocol/base64";

export interface Sealer {
  seal(name: string, value: unknown): Promise<{ readonly iv: Uint8Array<ArrayBuffer>; readonly sealed: ArrayBuffer }>;
  /** Throws for what was sealed under another key or name, or changed since. */
  open(name: string, box: { readonly iv: Uint8Array<ArrayBuffer>; readonly sealed: ArrayBuffer }): Promise<unknown>;
}

/** A sealer under a key of 32 bytes, in base64. */
export async function createSealer(key: string): Promise<Sealer> {
  const raw = fromBase64(key);
  const secret = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  const bind = (name: string) => new TextEncoder().encode(`wardroom/shelf/1\n${name}`);
  return {
    async seal(name, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(value));
      return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bind(name) }, secret, plain) };
    },
    async open(name, { iv, sealed }) {
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bind(name) }, secret, sealed);
      return JSON.parse(new TextDecoder().decode(plain)) as unknown;
    },
  };
}
