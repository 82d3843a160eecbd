/** Random bytes not handed out yet; asked for by the block, because each question has its price. */
let block = new Uint8Array(0);

/** A random name of `bytes` bytes from the platform's cryptographic source, in hexadecimal. */
export function randomId(bytes = 16): string {
  if (block.length < bytes) block = crypto.getRandomValues(new Uint8Array(1_024));
  let name = '';
  for (const byte of block.subarray(0, bytes)) name += (byte + 256).toString(16).slice(1);
  block = block.subarray(bytes);
  return name;
}
